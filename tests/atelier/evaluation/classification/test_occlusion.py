from pathlib import Path

import numpy as np
import pytest

from atelier.evaluation.classification.occlusion import CELLS, occlusion, overlay
from atelier.onnx.model import OnnxModel
from tests.helpers.photo_champion import write_photo_champion


@pytest.fixture
def model(tmp_path: Path) -> OnnxModel:
    """Its class is the strongest channel of the whole photo."""
    return OnnxModel(write_photo_champion(tmp_path) / "model.onnx")


def photo() -> np.ndarray:
    """Grey, with the only red in the upper left quarter."""
    image = np.full((64, 64, 3), 90, np.uint8)
    image[:24, :24] = (255, 0, 0)
    return image


def test_covering_the_red_part_lowers_the_probability_of_red(model: OnnxModel) -> None:
    falls = occlusion(model, photo(), 0)
    assert falls.shape == (CELLS, CELLS)
    row, column = np.unravel_index(falls.argmax(), falls.shape)
    assert row < 3
    assert column < 3
    assert falls.max() > 0
    assert abs(falls[-1, -1]) < falls.max() / 4


def test_the_overlay_darkens_what_does_not_matter(model: OnnxModel) -> None:
    shown = overlay(photo(), occlusion(model, photo(), 0))
    assert shown.shape == photo().shape
    assert shown[8, 8, 0] > 200
    assert shown[60, 60].max() < 45


def test_an_overlay_without_any_effect_is_dark_and_not_nan() -> None:
    assert overlay(photo(), np.zeros((CELLS, CELLS))).max() < 80
