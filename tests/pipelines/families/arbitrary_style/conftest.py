"""Tiny photos and paintings, an untrained perceptual network, and settings under which training takes seconds."""

from collections.abc import Callable
from typing import Any

import pytest

from atelier.data.prepared.dataset import PreparedData
from atelier.pretrained.perceptual.asset import Perceptual
from pipelines.families.arbitrary_style.settings import ArbitraryStyleSettings
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
        "landscapes": write_gallery(folder / "landscapes", seed=2),
        "van_gogh": write_gallery(folder / "van_gogh", seed=3),
        "perceptual": write_perceptual(folder / "perceptual", "random"),
    }


@pytest.fixture(scope="session")
def make_settings() -> Callable[..., ArbitraryStyleSettings]:
    def make(**training: Any) -> ArbitraryStyleSettings:
        recipe = {"epochs": 3, "epoch_items": 4, "batch_size": 2, "size": 32, "val_pairs": 3, "sheet_every": 2}
        return ArbitraryStyleSettings.model_validate(
            {
                "model": {"width": 2, "embedding": 4},
                "training": recipe | training,
                "hardware": {"threads": 1},
                "evaluation": base_parameters("arbitrary_style")["evaluation"]
                | {
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
            }
        )

    return make
