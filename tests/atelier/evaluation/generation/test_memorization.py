import numpy as np
import pytest

from atelier.errors import BadInputError
from atelier.evaluation.generation.memorization import NEIGHBORS, copy_threshold, nearest


def scribbles(n, seed):
    """Sparse drawings that are not related to each other."""
    return (np.random.default_rng(seed).random((n, 28, 28)) < 0.1).astype(np.uint8) * 255


def test_the_nearest_is_found_in_any_batch():
    references = scribbles(3 * NEIGHBORS, seed=0)
    drawings = references[[140, 3, 77]]
    whole = nearest(drawings, [references])
    parts = nearest(drawings, [references[:60], references[60:61], references[61:]])
    assert whole.index.tolist() == parts.index.tolist() == [140, 3, 77]
    assert parts.relative == pytest.approx(whole.relative)


def test_distance_is_euclidean_with_pixels_from_0_to_1():
    references = np.zeros((2, 28, 28), np.uint8)
    references[1] = 255
    drawing = np.zeros((1, 28, 28), np.uint8)
    drawing[0, 0, :4] = 255
    found = nearest(drawing, [references])
    assert found.index.tolist() == [0]
    assert found.distance.tolist() == [2]


def test_copies_are_below_the_threshold_even_with_noise():
    training, unseen = scribbles(200, seed=0), scribbles(50, seed=1)
    noise = np.random.default_rng(2).normal(0, 40, (50, 28, 28))
    noisy = np.clip(training[:50] + noise, 0, 255).astype(np.uint8)
    threshold = copy_threshold(nearest(unseen, [training]).relative, 0.01)
    assert (nearest(training[:50], [training]).relative == 0).all()
    assert (nearest(noisy, [training]).relative < threshold).all()


def test_a_blurred_drawing_is_near_to_many_and_not_a_copy():
    training, unseen = scribbles(200, seed=0), scribbles(50, seed=1)
    blurred = training.mean(axis=0, keepdims=True).astype(np.uint8)
    real, found = nearest(unseen, [training]), nearest(blurred, [training])
    assert found.distance[0] < real.distance.min()
    assert found.relative[0] > copy_threshold(real.relative, 0.01)


def test_a_copy_of_a_drawing_that_occurs_many_times():
    references = np.repeat(scribbles(1, seed=0), 2 * NEIGHBORS, axis=0)
    assert nearest(references[:1], [references]).relative.tolist() == [0]


def test_fewer_references_than_neighbors():
    references = scribbles(3, seed=0)
    found = nearest(references[1:2], [references])
    assert (found.index.tolist(), found.relative.tolist()) == ([1], [0])


def test_the_threshold_accepts_the_given_fraction_of_real_drawings_as_copies():
    relative = np.arange(1, 201) / 200
    assert (relative <= copy_threshold(relative, 0.05)).sum() == 10
    assert copy_threshold(relative[:20], 0.01) == relative[0]


def test_an_empty_reference_set_is_refused():
    with pytest.raises(BadInputError, match="no training drawing"):
        nearest(scribbles(1, seed=0), [])
