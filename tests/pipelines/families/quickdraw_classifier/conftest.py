"""A tiny data set of three shapes, and settings for fast training."""

from collections.abc import Callable
from typing import Any

import pytest

from atelier.data.prepared.dataset import PreparedData
from pipelines.families.quickdraw_classifier.settings import ClassifierInputs, ClassifierSettings
from tests.helpers.family_settings import family_settings
from tests.helpers.shapes import write_prepared


@pytest.fixture(scope="session")
def quickdraw(tmp_path_factory: pytest.TempPathFactory) -> PreparedData:
    return write_prepared(tmp_path_factory.mktemp("data") / "quickdraw")


@pytest.fixture(scope="session")
def inputs(quickdraw: PreparedData) -> ClassifierInputs:
    return ClassifierInputs(quickdraw)


@pytest.fixture(scope="session")
def make_settings() -> Callable[..., ClassifierSettings]:
    def make(**training: Any) -> ClassifierSettings:
        values = {"epochs": 4, "batch_size": 16, "average_decay": 0.8, "learning_rate": 0.01} | training
        return family_settings(
            "quickdraw_classifier",
            {
                "model": {"widths": (8, 16), "depths": (1, 1), "flip_average": True},
                "training": values,
                "hardware": {"threads": 1},
            },
        )

    return make
