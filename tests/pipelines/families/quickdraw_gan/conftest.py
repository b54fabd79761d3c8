"""A tiny data set of three shapes, and settings for fast training."""

from collections.abc import Callable
from typing import Any

import pytest

from atelier.data.prepared.dataset import PreparedData
from pipelines.families.quickdraw_gan.settings import GanInputs, GanSettings
from tests.helpers.family_settings import family_settings
from tests.helpers.shapes import write_prepared


@pytest.fixture(scope="session")
def quickdraw(tmp_path_factory: pytest.TempPathFactory) -> PreparedData:
    return write_prepared(tmp_path_factory.mktemp("data") / "quickdraw")


@pytest.fixture(scope="session")
def inputs(quickdraw: PreparedData) -> GanInputs:
    return GanInputs(quickdraw)


@pytest.fixture(scope="session")
def make_settings() -> Callable[..., GanSettings]:
    def make(**training: Any) -> GanSettings:
        values = {"epochs": 4, "batch_size": 16, "average_decay": 0.8, "sheet_every": 3} | training
        return family_settings(
            "quickdraw_gan",
            {
                "model": {"noise": 8, "label_embedding": 4, "generator_width": 16, "discriminator_width": 8},
                "training": values,
            },
        )

    return make
