"""Tiny photos and paintings, untrained pretrained networks, and settings for fast training."""

from collections.abc import Callable
from typing import Any

import pytest

from pipelines.families.cyclegan.settings import CycleGanInputs, CycleGanSettings
from tests.helpers.backbones import write_backbone
from tests.helpers.family_settings import family_settings
from tests.helpers.image_sets import write_image_set
from tests.helpers.perceptual_networks import write_perceptual

FAMILIES = ("cyclegan_resnet", "cyclegan_unet")


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> CycleGanInputs:
    folder = tmp_path_factory.mktemp("data")
    return CycleGanInputs(
        landscapes=write_image_set(folder / "landscapes", seed=1),
        van_gogh=write_image_set(folder / "van_gogh", seed=2),
        perceptual=write_perceptual(folder / "perceptual", "random"),
        backbone=write_backbone(folder / "backbone"),
    )


@pytest.fixture(scope="session")
def make_settings() -> Callable[..., CycleGanSettings]:
    def make(
        family: str = "cyclegan_resnet",
        hardware: dict[str, Any] | None = None,
        model: dict[str, Any] | None = None,
        **training: Any,
    ) -> CycleGanSettings:
        changes = {"training": training, "hardware": {"precision": "float32"} | (hardware or {}), "model": model or {}}
        return family_settings(family, changes, environment="test")

    return make
