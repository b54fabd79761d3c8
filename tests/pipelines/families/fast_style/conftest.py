"""Tiny photos and paintings, an untrained perceptual network, and settings under which training takes seconds."""

from collections.abc import Callable
from typing import Any

import pytest

from atelier.data.prepared.dataset import PreparedData
from atelier.pretrained.perceptual.asset import Perceptual
from pipelines.families.fast_style.settings import FastStyleSettings
from tests.helpers.family_parameters import base_parameters
from tests.helpers.image_sets import write_gallery
from tests.helpers.perceptual_networks import write_perceptual

Handles = dict[str, PreparedData | Perceptual]


@pytest.fixture(scope="session")
def handles(tmp_path_factory: pytest.TempPathFactory) -> Handles:
    """The first arguments of every node."""
    folder = tmp_path_factory.mktemp("data")
    return {
        "coco": write_gallery(folder / "coco", seed=1),
        "van_gogh": write_gallery(folder / "van_gogh", seed=2),
        "perceptual": write_perceptual(folder / "perceptual", "random"),
    }


@pytest.fixture(scope="session")
def make_settings() -> Callable[..., FastStyleSettings]:
    def make(styles: dict[str, Any] | None = None, **training: Any) -> FastStyleSettings:
        recipe = {"epochs": 4, "steps": 3, "batch_size": 2, "size": 32, "warmup_steps": 2} | training
        return FastStyleSettings.model_validate(
            {
                "styles": {"count": 2, "size": 32} | (styles or {}),
                "model": {"width": 4, "blocks": 1},
                "training": {"val_photos": 2, "sheet_every": 3} | recipe,
                "evaluation": base_parameters("fast_style")["evaluation"]
                | {
                    "resamples": 20,
                    "size": 64,
                    "photos": 2,
                    "strengths": (0.0, 0.5, 1.0),
                    "strength_pairs": 1,
                    "shifted_pairs": 1,
                    "cost_sizes": (64,),
                    "cost_calls": 1,
                },
            }
        )

    return make
