import numpy as np
import pytest

from atelier.evaluation.faces.reconstruction import mean_square, perceptual_distance, structural_similarity
from tests.helpers.perceptual_networks import images


@pytest.fixture
def faces() -> np.ndarray:
    return images(32, 32, count=3).astype(np.uint8)


def features(batch):
    """Two layers: the image itself, and at half of its size."""
    levels = batch.astype(np.float32).transpose(0, 3, 1, 2)
    return {"fine": levels, "coarse": levels[:, :, ::2, ::2]}


def test_equal_images_differ_in_nothing(faces) -> None:
    assert (mean_square(faces, faces) == 0).all()
    assert structural_similarity(faces, faces) == pytest.approx([1, 1, 1])
    assert perceptual_distance(faces, faces, features) == pytest.approx([0, 0, 0])


def test_the_square_of_a_known_difference() -> None:
    assert mean_square(np.zeros((1, 8, 8, 3), np.uint8), np.full((1, 8, 8, 3), 51, np.uint8)) == pytest.approx([0.04])


def test_a_blur_costs_structure_and_light_does_not(faces) -> None:
    lighter = np.clip(faces.astype(int) + 8, 0, 255).astype(np.uint8)
    noisy = np.clip(faces + np.random.default_rng(0).normal(0, 25, faces.shape), 0, 255).astype(np.uint8)
    assert (structural_similarity(faces, lighter) > 0.95).all()
    assert (structural_similarity(faces, noisy) < structural_similarity(faces, lighter) - 0.05).all()


def test_features_are_compared_by_direction_not_by_length(faces) -> None:
    dark = (faces // 2).astype(np.uint8)
    shuffled = faces[..., [2, 0, 1]]
    dark_distance, shuffled_distance = (perceptual_distance(faces, each, features) for each in (dark, shuffled))
    assert (dark_distance < 0.01).all()
    assert (shuffled_distance > 5 * dark_distance).all()
