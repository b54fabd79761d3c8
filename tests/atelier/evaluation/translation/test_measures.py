import numpy as np
import pytest

from atelier.evaluation.translation.measures import (
    absolute_difference,
    brightness_agreement,
    edge_agreement,
    with_noise,
)
from tests.helpers.perceptual_networks import images

PHOTO = images(96, 80, count=1)[0]
GRAY = np.full_like(PHOTO, 90.0)


def test_an_unchanged_photo_agrees_with_itself() -> None:
    assert brightness_agreement(PHOTO, PHOTO) == pytest.approx(1)
    assert edge_agreement(PHOTO, PHOTO) == pytest.approx(1)
    assert absolute_difference(PHOTO, PHOTO) == 0


def test_inverted_brightness_is_found_and_keeps_the_edges() -> None:
    assert brightness_agreement(255 - PHOTO, PHOTO) == pytest.approx(-1)
    assert edge_agreement(255 - PHOTO, PHOTO) == pytest.approx(1)


def test_other_colors_and_fine_strokes_change_the_brightness_little() -> None:
    strokes = 40 * np.sin(np.arange(80) * 2.0)[None, :, None]
    changed = np.clip(0.7 * PHOTO + np.array([30, 10, 0]) + strokes, 0, 255)
    assert brightness_agreement(changed, PHOTO) > 0.95


def test_another_photo_agrees_less() -> None:
    other = images(96, 80, count=1, seed=5)[0]
    assert brightness_agreement(other, PHOTO) < 0.8
    assert edge_agreement(other, PHOTO) < 0.5


def test_without_contrast_there_is_no_agreement_to_measure() -> None:
    assert np.isnan(brightness_agreement(GRAY, PHOTO))
    assert np.isnan(edge_agreement(PHOTO, GRAY))


def test_noise_has_its_deviation_and_depends_on_the_seed_only() -> None:
    noisy = with_noise(GRAY, 5.0, seed=1)
    assert noisy.dtype == np.uint8
    assert noisy.std() == pytest.approx(5, rel=0.05)
    assert (noisy == with_noise(GRAY, 5.0, seed=1)).all()
    assert (noisy != with_noise(GRAY, 5.0, seed=2)).any()
    assert absolute_difference(noisy, GRAY) == pytest.approx(5 * np.sqrt(2 / np.pi), rel=0.1)
