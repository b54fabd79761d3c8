"""Tiny photos and paintings, an untrained perceptual network, and settings for fast training."""

from collections.abc import Callable
from typing import Any

import pytest

from pipelines.families.arbitrary_style.settings import ArbitraryStyleInputs, ArbitraryStyleSettings
from tests.helpers.family_settings import family_settings
from tests.helpers.image_sets import write_image_set
from tests.helpers.perceptual_networks import write_perceptual


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> ArbitraryStyleInputs:
    folder = tmp_path_factory.mktemp("data")
    return ArbitraryStyleInputs(
        coco=write_image_set(folder / "coco", seed=1),
        landscapes=write_image_set(folder / "landscapes", seed=2),
        van_gogh=write_image_set(folder / "van_gogh", seed=3),
        perceptual=write_perceptual(folder / "perceptual", "random"),
    )


@pytest.fixture(scope="session")
def make_settings() -> Callable[..., ArbitraryStyleSettings]:
    def make(**training: Any) -> ArbitraryStyleSettings:
        values = {"epochs": 3, "epoch_items": 4, "batch_size": 2, "size": 32, "val_items": 3, "sheet_every": 2}
        return family_settings(
            "arbitrary_style",
            {
                "model": {"width": 2, "embedding": 4},
                "training": values | training,
                "hardware": {"threads": 1},
                "evaluation": {
                    "resamples": 20,
                    "size": 64,
                    "photos": 3,
                    "paintings": 2,
                    "strengths": (0.0, 0.5, 1.0),
                    "strength_pairs": 1,
                    "shifted_pairs": 1,
                    "cost_sizes": (64,),
                    "cost_calls": 1,
                },
            },
        )

    return make
