import numpy as np
import pytest

from atelier.errors import BadInputError
from atelier.onnx.adaptation import RANGES, Scores
from pipelines.adopt.measure import _best, loss, ranges_named

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


def test_the_usual_range_is_taken_unless_another_is_clearly_better():
    equal = dict.fromkeys(RANGES, 0.3)
    assert _best(equal, "float32").name == "0 to 1"
    assert _best(equal, "uint8").name == "0 to 255"
    for clear in RANGES:
        assert _best({**equal, clear: 0.1}, "float32") == clear


def test_ranges_are_named():
    assert ranges_named(None) == RANGES
    assert [pixels.offset for pixels in ranges_named("-1 to 1")] == [-1]
    # As Kedro's command line, which splits at commas, can give it.
    assert [pixels.offset for pixels in ranges_named("0 to 1 dark on light")] == [1]
    with pytest.raises(BadInputError, match="0 to 1; -1 to 1"):
        ranges_named("0-1")
