"""Coverage of the intervals of every statistic that the gate of a generator uses, with known truth.

`memorization_rate` and `accuracy_score` are means over drawings, given the real drawings that set the threshold, and
the drawings that the classifier is trained on: see `test_bootstrap` for means of zeros and ones.
"""

import numpy as np
import pytest

from atelier.evaluation.bootstrap import bootstrap_mean
from atelier.evaluation.generation.distances import diversity_ratio, frechet_distance
from atelier.evaluation.groups import group_means
from tests.helpers.coverage import coverage

RESAMPLES = 100


def features(rng, scale=1.0, n=60):
    return scale * rng.standard_normal((n, 4)) + np.array([0.0, 1.0, 2.0, 3.0])


@pytest.mark.parametrize(("shift", "least", "most"), [(0.5, 0.91, 0.99), (0.0, 0.95, 1.0)])
def test_frechet_distance(shift, least, most):
    """The truth is the mean distance of sets of this size, because the distance depends on the size.

    The interval of the distance between equal distributions is too wide.
    """
    rng = np.random.default_rng(1)
    draws = [frechet_distance(features(rng, n=150) + shift, features(rng, n=150), 1).value for _ in range(1000)]

    def draw(rng, seed):
        return frechet_distance(features(rng, n=150) + shift, features(rng, n=150), RESAMPLES, seed)

    assert least <= coverage(draw, np.mean(draws), trials=150) <= most


def test_label_accuracy():
    chances = np.array([0.5, 0.8, 0.95])
    label = np.repeat(np.arange(3), 60)

    def draw(rng, seed):
        return group_means(rng.random(180) < chances[label], label, 3, RESAMPLES, seed)[0]

    assert 0.91 <= coverage(draw, chances.mean(), trials=400) <= 0.98


@pytest.mark.parametrize("dimensions", [4, 2])
def test_diversity(dimensions):
    """Of features and of pixels: a ratio of mean distances, here 0.8 in each of three classes."""

    def draw(rng, seed):
        generated, real = ([features(rng, scale)[:, :dimensions] for _ in range(3)] for scale in (0.8, 1.0))
        return diversity_ratio(generated, real, RESAMPLES, seed)[0]

    assert 0.9 <= coverage(draw, 0.8, trials=200) <= 0.99


def test_memorization_rate():
    def draw(rng, seed):
        return bootstrap_mean(rng.random(600) < 0.03, RESAMPLES, seed)

    assert 0.91 <= coverage(draw, 0.03, trials=400) <= 0.98
