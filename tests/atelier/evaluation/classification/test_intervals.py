"""Coverage of the intervals of every statistic that the gate of a classifier uses, with known truth.

`top1` is a mean of zeros and ones: see `test_bootstrap`.
"""

import numpy as np

from atelier.evaluation.bootstrap import bootstrap_mean
from atelier.evaluation.classification.evaluate import calibration_error, class_table
from atelier.evaluation.classification.metrics import Predictions, class_scores, macro_f1, reciprocal_rank
from tests.helpers.coverage import coverage

RESAMPLES = 200


def test_map3():
    chances = np.array([0.7, 0.12, 0.08, 0.1])
    truth = chances @ reciprocal_rank(np.arange(4))

    def draw(rng, seed):
        return bootstrap_mean(reciprocal_rank(rng.choice(4, 150, p=chances)), RESAMPLES, seed)

    assert 0.92 <= coverage(draw, truth, trials=400) <= 0.98


def test_macro_f1():
    chances = np.array([[0.28, 0.03, 0.02], [0.05, 0.23, 0.05], [0.02, 0.1, 0.22]])
    truth = macro_f1(class_scores(np.diag(chances), chances.sum(1), chances.sum(0)).f1)

    def draw(rng, seed):
        confusion = rng.multinomial(200, chances.ravel() / chances.sum()).reshape(3, 3)
        return class_table(confusion, ("a", "b", "c"), RESAMPLES, seed)[0]

    assert 0.92 <= coverage(draw, truth, trials=400) <= 0.98


def test_calibration_error():
    """Of a model that is overconfident by 0.1 in every bin. 1,000 test items."""

    def draw(rng, seed):
        confidence = rng.uniform(0.5, 1, 1000).astype(np.float32)
        correct = rng.random(1000) < confidence - 0.1
        rank = np.where(correct, 0, 1).astype(np.int32)
        return calibration_error(Predictions(np.zeros(1000, np.int32), confidence, rank), 15, RESAMPLES, seed)

    assert 0.91 <= coverage(draw, 0.1, trials=300) <= 0.98
