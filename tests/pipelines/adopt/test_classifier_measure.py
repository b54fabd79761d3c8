import numpy as np
import pytest

from atelier.onnx.classifier_adaptation import Scores
from pipelines.adopt.classifier_measure import loss

LOGITS = np.array([[2.0, 0.0, -1.0], [-3.0, 1.0, 1.5]], np.float32)
PROBABILITIES = np.exp(LOGITS) / np.exp(LOGITS).sum(1, keepdims=True)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (LOGITS, Scores.LOGITS),
        (PROBABILITIES, Scores.PROBABILITIES),
        (np.log(PROBABILITIES), Scores.LOG_PROBABILITIES),
        (PROBABILITIES * 0.5, Scores.INDEPENDENT),
    ],
)
def test_scores_are_recognized_and_become_the_same_probabilities(values, kind):
    assert Scores.of(values) == kind
    np.testing.assert_allclose(kind.to_probabilities(values), PROBABILITIES, rtol=1e-5)


def test_the_loss_is_small_where_the_true_class_is_likely():
    right, wrong = np.array([0, 2]), np.array([2, 0])
    assert loss(PROBABILITIES, right) < loss(np.full((2, 3), 1 / 3, np.float32), right) < loss(PROBABILITIES, wrong)
