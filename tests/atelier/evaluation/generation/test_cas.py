import numpy as np
import pytest

from atelier.errors import BadInputError
from atelier.evaluation.generation.cas import oriented_gradients, right_answers


def strokes(n, seed):
    """Upright (class 3) and level (class 7) strokes at random places."""
    random = np.random.default_rng(seed)
    images, labels = np.zeros((n, 28, 28), np.uint8), np.where(np.arange(n) % 2, 7, 3)
    for image, label in zip(images, labels, strict=True):
        place, start = random.integers(2, 24), random.integers(2, 12)
        part = image if label == 7 else image.T
        part[place : place + 2, start : start + 14] = 255
    return images, labels


def test_what_was_learned_from_drawings_names_others():
    assert right_answers(*strokes(60, 0), *strokes(80, 1)).mean() > 0.95


def test_what_was_learned_from_wrong_labels_is_wrong():
    images, labels = strokes(60, 0)
    assert right_answers(images, 10 - labels, *strokes(80, 1)).mean() < 0.05


def test_a_class_that_was_not_learned_is_never_named():
    images, labels = strokes(60, 0)
    tested, truth = strokes(80, 1)
    right = right_answers(images[labels == 3], labels[labels == 3], tested, truth)
    assert right.tolist() == (truth == 3).tolist()


def test_nothing_to_learn_from():
    images, labels = strokes(10, 0)
    with pytest.raises(BadInputError, match="no drawings"):
        right_answers(images[:0], labels[:0], images, labels)


def test_oriented_gradients_have_length_one_and_an_empty_sheet_has_none():
    features = oriented_gradients(np.concatenate([strokes(4, 0)[0], np.zeros((1, 28, 28), np.uint8)]))
    assert features.shape == (5, 7 * 7 * 8)
    assert np.linalg.norm(features, axis=1) == pytest.approx([1, 1, 1, 1, 0], abs=1e-5)


def test_oriented_gradients_of_a_turned_stroke_are_a_quarter_turn_apart():
    level = np.zeros((1, 28, 28), np.uint8)
    level[0, 13, 4:24] = 255
    directions = [
        oriented_gradients(image).reshape(49, 8).sum(axis=0) for image in (level, np.ascontiguousarray(level.mT))
    ]
    assert directions[0].argmax() == 4  # of 8 over half a turn: the edge of a level stroke goes up and down
    assert directions[1].argmax() == 0
