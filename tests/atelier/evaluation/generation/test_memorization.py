import numpy as np
import pytest

from atelier.errors import BadInputError
from atelier.evaluation.generation.memorization import AMONG, copy_threshold, nearest


def scribbles(n, seed):
    """Sparse drawings that have little to do with one another."""
    return (np.random.default_rng(seed).random((n, 28, 28)) < 0.1).astype(np.uint8) * 255


def test_the_nearest_is_found_whatever_part_it_is_in():
    references = scribbles(3 * AMONG, seed=0)
    drawings = references[[140, 3, 77]]
    whole = nearest(drawings, [references])
    parts = nearest(drawings, [references[:60], references[60:61], references[61:]])
    assert whole.index.tolist() == parts.index.tolist() == [140, 3, 77]
    assert parts.relative == pytest.approx(whole.relative)


def test_distance_is_euclidean_in_ink():
    references = np.zeros((2, 28, 28), np.uint8)
    references[1] = 255
    drawing = np.zeros((1, 28, 28), np.uint8)
    drawing[0, 0, :4] = 255
    found = nearest(drawing, [references])
    assert found.index.tolist() == [0]
    assert found.distance.tolist() == [2]


def test_a_copy_is_far_below_a_drawing_of_its_own_and_noise_does_not_hide_it():
    training, unseen = scribbles(200, seed=0), scribbles(50, seed=1)
    noise = np.random.default_rng(2).normal(0, 40, (50, 28, 28))
    noisy = np.clip(training[:50] + noise, 0, 255).astype(np.uint8)
    threshold = copy_threshold(nearest(unseen, [training]).relative)
    assert (nearest(training[:50], [training]).relative == 0).all()
    assert (nearest(noisy, [training]).relative < threshold).all()


def test_a_blurred_drawing_is_near_to_many_and_no_copy():
    training, unseen = scribbles(200, seed=0), scribbles(50, seed=1)
    blurred = training.mean(axis=0, keepdims=True).astype(np.uint8)
    real, found = nearest(unseen, [training]), nearest(blurred, [training])
    assert found.distance[0] < real.distance.min()
    assert found.relative[0] > copy_threshold(real.relative)


def test_copies_of_a_drawing_that_stands_there_many_times():
    references = np.repeat(scribbles(1, seed=0), 2 * AMONG, axis=0)
    assert nearest(references[:1], [references]).relative.tolist() == [0]


def test_fewer_references_than_are_asked_for():
    references = scribbles(3, seed=0)
    found = nearest(references[1:2], [references])
    assert (found.index.tolist(), found.relative.tolist()) == ([1], [0])


def test_threshold_lets_as_many_real_drawings_pass_for_copies_as_it_is_told():
    relative = np.arange(1, 201) / 200
    assert (relative <= copy_threshold(relative, 0.05)).sum() == 10
    assert copy_threshold(relative[:20], 0.01) == relative[0]


def test_no_references_at_all():
    with pytest.raises(BadInputError, match="no training drawing"):
        nearest(scribbles(1, seed=0), [])
