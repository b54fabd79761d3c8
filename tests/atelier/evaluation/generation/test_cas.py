import numpy as np
import pytest

from atelier.errors import BadInputError
from atelier.evaluation.generation.cas import correct_predictions, oriented_gradients


def strokes(n, seed):
    """Vertical (class 3) and horizontal (class 7) strokes at random positions."""
    rng = np.random.default_rng(seed)
    images, labels = np.zeros((n, 28, 28), np.uint8), np.where(np.arange(n) % 2, 7, 3)
    for image, label in zip(images, labels, strict=True):
        place, start = rng.integers(2, 24), rng.integers(2, 12)
        part = image if label == 7 else image.T
        part[place : place + 2, start : start + 14] = 255
    return images, labels


def test_other_drawings_of_learned_classes_are_recognized():
    assert correct_predictions(*strokes(60, 0), *strokes(80, 1)).mean() > 0.95


def test_wrong_training_labels_give_wrong_predictions():
    images, labels = strokes(60, 0)
    assert correct_predictions(images, 10 - labels, *strokes(80, 1)).mean() < 0.05


def test_a_class_that_was_not_learned_is_never_predicted():
    images, labels = strokes(60, 0)
    tested, truth = strokes(80, 1)
    right = correct_predictions(images[labels == 3], labels[labels == 3], tested, truth)
    assert right.tolist() == (truth == 3).tolist()


def test_an_empty_training_set_is_refused():
    images, labels = strokes(10, 0)
    with pytest.raises(BadInputError, match="no drawings"):
        correct_predictions(images[:0], labels[:0], images, labels)


def test_oriented_gradients_have_norm_1_and_of_a_blank_drawing_0():
    features = oriented_gradients(np.concatenate([strokes(4, 0)[0], np.zeros((1, 28, 28), np.uint8)]))
    assert features.shape == (5, 7 * 7 * 8)
    assert np.linalg.norm(features, axis=1) == pytest.approx([1, 1, 1, 1, 0], abs=1e-5)


def test_rotating_a_stroke_by_90_degrees_moves_its_gradients_by_half_of_the_bins():
    horizontal = np.zeros((1, 28, 28), np.uint8)
    horizontal[0, 13, 4:24] = 255
    directions = [
        oriented_gradients(image).reshape(49, 8).sum(axis=0)
        for image in (horizontal, np.ascontiguousarray(horizontal.mT))
    ]
    assert directions[0].argmax() == 4  # of 8 bins over 180 degrees: the gradient of a horizontal stroke is vertical
    assert directions[1].argmax() == 0
