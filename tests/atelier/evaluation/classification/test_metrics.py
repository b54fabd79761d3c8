import numpy as np
import pytest

from atelier.errors import BadInputError
from atelier.evaluation.classification.metrics import (
    UNKNOWN,
    Predictions,
    calibration,
    calibration_cells,
    class_scores,
    confidence_bins,
    confusion_matrix,
    expected_calibration_error,
    macro_f1,
    reciprocal_rank,
    score_batch,
)


def random_case(n=500, classes=6, seed=0):
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(classes), n)
    truth = np.where(rng.random(n) < 0.5, probabilities.argmax(1), rng.integers(classes, size=n))
    return probabilities, truth


def scores_of(truth, prediction, classes):
    matrix = confusion_matrix(truth, prediction, classes)
    return class_scores(np.diag(matrix).astype(float), matrix.sum(1), matrix.sum(0))


def test_score_batch_by_hand():
    probabilities = np.array([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2], [0.2, 0.3, 0.5]])
    predictions = score_batch(probabilities, np.array([1, 2, -1]))
    assert predictions.predicted.tolist() == [1, 0, 2]
    assert predictions.confidence.tolist() == [0.7, 0.5, 0.5]
    assert predictions.rank.tolist() == [0, 2, UNKNOWN]
    assert predictions.correct.tolist() == [True, False, False]


def test_ties_go_to_the_first_class():
    predictions = score_batch(np.full((3, 3), 1 / 3), np.array([0, 1, 2]))
    assert predictions.predicted.tolist() == [0, 0, 0]
    assert predictions.rank.tolist() == [0, 1, 2]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_and_infinity_are_refused(bad):
    with pytest.raises(BadInputError, match="1 of 2 items"):
        score_batch(np.array([[0.5, bad], [0.5, 0.5]]), np.array([0, 0]))


def test_shapes_that_do_not_match_are_refused():
    with pytest.raises(BadInputError, match=r"\(3, 2\)"):
        score_batch(np.full((3, 2), 0.5), np.array([0, 0]))


def test_batches_join_to_the_whole():
    probabilities, truth = random_case()
    whole = score_batch(probabilities, truth)
    joined = Predictions.concatenate(
        [score_batch(probabilities[:77], truth[:77]), score_batch(probabilities[77:], truth[77:])]
    )
    for name in ("predicted", "confidence", "rank"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(joined, name))


def test_reciprocal_rank_at_three():
    assert reciprocal_rank(np.array([0, 1, 2, 3, UNKNOWN])).tolist() == [1, 1 / 2, 1 / 3, 0, 0]


def test_confusion_matrix_has_truth_in_rows():
    matrix = confusion_matrix(np.array([0, 0, 1]), np.array([1, 1, 1]), 3)
    assert matrix.tolist() == [[0, 2, 0], [0, 1, 0], [0, 0, 0]]


def test_class_scores_by_hand():
    scores = scores_of(np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 0]), 3)
    assert scores.precision[:2] == pytest.approx([2 / 3, 1 / 2])
    assert scores.recall[:2] == pytest.approx([2 / 3, 1 / 2])
    assert scores.f1[:2] == pytest.approx([2 / 3, 1 / 2])
    assert np.isnan([scores.precision[2], scores.recall[2], scores.f1[2]]).all()
    assert macro_f1(scores.f1) == pytest.approx((2 / 3 + 1 / 2) / 2)


def test_a_class_never_predicted_has_f1_0_and_undefined_precision():
    scores = scores_of(np.array([0, 1]), np.array([0, 0]), 2)
    assert np.isnan(scores.precision[1])
    assert scores.f1[1] == 0
    assert macro_f1(scores.f1) == pytest.approx((2 / 3 + 0) / 2)


def test_scores_agree_with_scikit_learn():
    reference = pytest.importorskip("sklearn.metrics")
    probabilities, truth = random_case()
    prediction = score_batch(probabilities, truth).predicted
    scores = scores_of(truth, prediction, 6)
    expected = reference.precision_recall_fscore_support(truth, prediction)
    np.testing.assert_allclose(scores, expected[:3])
    assert macro_f1(scores.f1) == pytest.approx(reference.f1_score(truth, prediction, average="macro"))
    top3 = reference.top_k_accuracy_score(truth, probabilities, k=3)
    assert (score_batch(probabilities, truth).rank < 3).mean() == pytest.approx(top3)


def test_bins_are_closed_on_the_right():
    assert confidence_bins(np.array([0.0, 0.1, 0.10001, 0.95, 1.0]), 10).tolist() == [0, 0, 1, 9, 9]


def test_calibration_error_by_hand():
    confidence = np.array([0.9, 0.9, 0.9, 0.9, 0.6, 0.6])
    correct = np.array([True, True, True, False, True, False])
    bins = calibration(confidence, correct, 10)
    assert bins.items.tolist() == [0, 0, 0, 0, 0, 2, 0, 0, 4, 0]
    assert bins.accuracy[[5, 8]].tolist() == [0.5, 0.75]
    assert bins.confidence[[5, 8]] == pytest.approx([0.6, 0.9])
    cells = calibration_cells(confidence, correct, 10)
    assert cells.items.tolist() == [1, 1, 1, 3]
    error = expected_calibration_error(cells.items[None].astype(float), cells.gap, cells.bin_of, 10)
    assert error == pytest.approx([(4 * 0.15 + 2 * 0.1) / 6])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_calibration_error_of_cells_is_that_of_the_items(dtype):
    rng = np.random.default_rng(0)
    confidence = np.append(rng.random(200_000).astype(dtype), dtype([0, 1, 0.2, 0.6, 1 / 3]))
    correct = rng.random(len(confidence)) < confidence**2
    cells = calibration_cells(confidence, correct, 15)
    assert len(cells.items) <= 2 * 256 * 15
    assert cells.items.sum() == len(confidence)
    bins = calibration(confidence, correct, 15)
    np.testing.assert_array_equal(np.bincount(cells.bin_of, cells.items, 15), bins.items)
    expected = np.abs(bins.confidence - bins.accuracy) @ bins.items / len(confidence)
    error = expected_calibration_error(cells.items[None].astype(float), cells.gap, cells.bin_of, 15)
    assert error == pytest.approx([expected], abs=1e-12)


def test_a_prediction_takes_12_bytes():
    probabilities, truth = random_case()
    predictions = score_batch(probabilities.astype(np.float32), truth)
    assert sum(getattr(predictions, name).itemsize for name in ("predicted", "confidence", "rank")) == 12


def test_calibration_error_of_weighted_items_equals_that_of_repeated_items():
    rng = np.random.default_rng(1)
    confidence, weights = rng.random(50), rng.integers(0, 4, 50)
    gaps = confidence - (rng.random(50) < 0.5)
    repeated = np.repeat(np.arange(50), weights)
    bin_of = confidence_bins(confidence, 15)
    once = expected_calibration_error(np.ones((1, len(repeated))), gaps[repeated], bin_of[repeated], 15)
    assert expected_calibration_error(weights[None].astype(float), gaps, bin_of, 15) == pytest.approx(once)
