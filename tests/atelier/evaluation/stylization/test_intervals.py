"""Coverage of the intervals of every statistic that the gates of the style families use, with known truth."""

import numpy as np
import pytest

from atelier.evaluation.bootstrap import bootstrap, bootstrap_mean
from atelier.evaluation.stylization.artifacts import border_statistic
from atelier.evaluation.stylization.metrics import monotonicity
from atelier.evaluation.stylization.pairs import ImageSet, Pairs
from atelier.evaluation.unit_bootstrap import bootstrap_units, mean_over_units
from tests.helpers.photo_painting_pairs import framed_images, simulated

RESAMPLES = 200
MEASURED = {"content": (0.25, 0.01, 0.08), "style": (0.07, 0.04, 0.02), "checkerboard": (1.4, 0.3, 0.5)}
"""Metric → standard deviations of photos, paintings and noise, as in fast_style on the sample data."""


def image_set(count, first_id):
    return ImageSet(np.zeros((count, 64, 64, 3), np.uint8), np.arange(first_id, first_id + count, dtype=np.uint64), ())


PHOTOS, PAINTINGS = image_set(8, 1), image_set(10, 100)


def coverage(draw, two_way, one_way, truth, trials):
    """Fractions of intervals that contain the truth: over photos and paintings, and over pairs as if independent."""
    rng, covered = np.random.default_rng(0), np.zeros(2)
    for trial in range(trials):
        drawn = draw(rng)
        metrics = two_way(drawn, trial), one_way(drawn, trial)
        covered += [metric.low <= truth <= metric.high for metric in metrics]
    return covered / trials


def means(pairs):
    """Intervals of a mean, over the units of these pairs and over the pairs."""
    return (
        lambda values, seed: mean_over_units(values, pairs.units, RESAMPLES, seed),
        lambda values, seed: bootstrap_mean(values, RESAMPLES, seed),
    )


def of_pairs(values, pairs):
    """Values of all photos with all paintings → those of these pairs."""
    photos, paintings = np.array(pairs.indices).T
    return values.reshape(len(pairs.photos.ids), len(pairs.paintings.ids))[photos, paintings]


@pytest.mark.parametrize("name", MEASURED)
def test_means_over_all_pairs(name):
    pairs, shape = Pairs.all(PHOTOS, PAINTINGS), (8, 10)
    draw = lambda rng: of_pairs(simulated(rng, shape, MEASURED[name]), pairs)  # noqa: E731
    two_way, one_way = coverage(draw, *means(pairs), truth=0, trials=300)
    assert 0.90 <= two_way <= 0.99
    assert one_way < 0.75


@pytest.mark.parametrize(("paintings", "most"), [(10, 8), (4, 8), (10, 2)])
def test_shift_instability_over_some_pairs(paintings, most):
    pairs = Pairs.diagonal(PHOTOS, PAINTINGS.first(paintings), most)
    draw = lambda rng: of_pairs(simulated(rng, (8, paintings), (0.3, 0.5, 0.3)), pairs)  # noqa: E731
    two_way, one_way = coverage(draw, *means(pairs), truth=0, trials=300)
    assert 0.90 <= two_way <= 0.99
    assert one_way < two_way - 0.02


def fractions_of_steps(rng, pairs):
    """Strength monotonicity of pairs whose distances fall with the strength, with noise."""
    photos, paintings = len(pairs.photos.ids), len(pairs.paintings.ids)
    slope = np.exp(of_pairs(simulated(rng, (photos, paintings), (0.3, 0.3, 0.3)), pairs))
    style, content = rng.normal(0, 0.6, (2, len(slope), 5)) - slope[:, None] * np.arange(5)
    return (monotonicity(style) + monotonicity(content)) / 2


def test_strength_monotonicity_over_some_pairs():
    pairs = Pairs.diagonal(PHOTOS, PAINTINGS, 4)
    rng = np.random.default_rng(1)
    truth = np.mean([fractions_of_steps(rng, pairs).mean() for _ in range(3000)])
    two_way, one_way = coverage(lambda rng: fractions_of_steps(rng, pairs), *means(pairs), truth, trials=300)
    assert 0.8 < truth < 0.9
    assert 0.90 <= two_way <= 0.99
    assert one_way < 0.85


@pytest.mark.parametrize("frame", [0, 20])
def test_border_over_all_images(frame):
    photos, paintings = 7, 6
    pairs = Pairs.all(PHOTOS.first(photos), PAINTINGS.first(paintings))
    many = framed_images(np.random.default_rng(2), (2000, 1), frame, (np.sqrt(3) * 0.3, 0, 0))  # no two share a unit
    truth = border_statistic(many)(np.ones((1, len(many))))[0]

    def draw(rng):
        return border_statistic(framed_images(rng, (photos, paintings), frame))

    two_way, one_way = coverage(
        draw,
        lambda statistic, seed: bootstrap_units(statistic, pairs.units, 60, seed, centered=True),
        lambda statistic, seed: bootstrap(statistic, photos * paintings, 60, seed, centered=True),
        truth,
        trials=100,
    )
    assert 0.90 <= two_way <= 0.99
    assert one_way < two_way
