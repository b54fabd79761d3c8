import numpy as np
import pytest
from scipy.special import softmax

from pipelines.training.calibration import TEMPERATURE_RANGE, fit_temperature


def drawn_labels(probabilities, rng):
    """One label for each row of probabilities."""
    return (probabilities.cumsum(axis=1) < rng.random((len(probabilities), 1))).sum(axis=1)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_a_known_temperature_is_recovered(temperature):
    rng = np.random.default_rng(0)
    logits = 2 * rng.standard_normal((4000, 5))
    labels = drawn_labels(softmax(logits, axis=1), rng)
    assert fit_temperature(temperature * logits[None], labels) == pytest.approx(temperature, rel=0.06)


def test_the_mean_over_views_is_calibrated():
    rng = np.random.default_rng(1)
    views = 2 * rng.standard_normal((2, 20_000, 5))
    labels = drawn_labels(softmax(views, axis=2).mean(axis=0), rng)
    assert fit_temperature(1.5 * views, labels) == pytest.approx(1.5, rel=0.06)
    assert fit_temperature(1.5 * views[:1], labels) > 2  # one view says less about the labels


def test_the_temperature_is_bounded_when_all_predictions_are_correct():
    assert fit_temperature(np.eye(5)[None], np.arange(5)) == pytest.approx(TEMPERATURE_RANGE[0], rel=1e-3)
