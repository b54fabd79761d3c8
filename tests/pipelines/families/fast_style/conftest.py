"""Tiny photos and paintings, an untrained perceptual network, and settings for fast training."""

from collections.abc import Callable
from typing import Any

import pytest

from pipelines.families.fast_style.settings import FastStyleInputs, FastStyleSettings
from tests.helpers.family_settings import family_settings
from tests.helpers.image_sets import write_image_set
from tests.helpers.perceptual_networks import write_perceptual


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> FastStyleInputs:
    folder = tmp_path_factory.mktemp("data")
    return FastStyleInputs(
        coco=write_image_set(folder / "coco", seed=1),
        van_gogh=write_image_set(folder / "van_gogh", seed=2),
        perceptual=write_perceptual(folder / "perceptual", "random"),
    )


@pytest.fixture(scope="session")
def make_settings() -> Callable[..., FastStyleSettings]:
    def make(styles: dict[str, Any] | None = None, **training: Any) -> FastStyleSettings:
        values = {"epochs": 4, "epoch_items": 6, "batch_size": 2, "size": 32, "warmup_steps": 2} | training
        return family_settings(
            "fast_style",
            {
                "styles": {"count": 2, "size": 32} | (styles or {}),
                "model": {"width": 4, "blocks": 1},
                "training": {"val_items": 2, "sheet_every": 3} | values,
                "evaluation": {
                    "resamples": 20,
                    "size": 64,
                    "photos": 2,
                    "strengths": (0.0, 0.5, 1.0),
                    "strength_pairs": 1,
                    "shifted_pairs": 1,
                    "cost_sizes": (64,),
                    "cost_calls": 1,
                },
            },
        )

    return make
