import json

import numpy as np
import pytest

from atelier.evaluation.classification.evaluate import LabelMap, evaluate_classifier
from atelier.evaluation.classification.metrics import score_batch


def evaluation_of(probabilities, truth, outputs, data, **options):
    labels = LabelMap.match(outputs, data)
    truth = np.asarray(truth)
    predictions = score_batch(np.asarray(probabilities, float), labels.label_to_output[truth])
    ids = np.arange(len(truth), dtype=np.uint64)
    return evaluate_classifier(
        predictions, truth, labels, ids, **{"resamples": 200, "seed": 0, "calibration_bins": 15} | options
    )


def some(n=300, classes=4, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.integers(classes, size=n)
    logits = rng.normal(size=(n, classes)) + 2 * np.eye(classes)[truth]
    probabilities = np.exp(logits)
    return probabilities / probabilities.sum(1, keepdims=True), truth


def test_labels_are_matched_by_name():
    labels = LabelMap.match(["cat", "new", "apple"], ["apple", "bee", "cat"])
    assert labels.names == ("apple", "bee", "cat", "new")
    assert labels.output_to_label.tolist() == [2, 3, 0]
    assert labels.label_to_output.tolist() == [2, -1, 0, 1]


def test_order_of_outputs_does_not_matter():
    probabilities, truth = some()
    names = ["a", "b", "c", "d"]
    one = evaluation_of(probabilities, truth, names, names)
    other = evaluation_of(probabilities[:, ::-1], truth, names[::-1], names)
    assert one.metrics == other.metrics
    assert one.tables == other.tables
    assert one.pictures == other.pictures


def test_metrics_by_hand():
    probabilities = [[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.1, 0.6, 0.3]]
    evaluation = evaluation_of(probabilities, [0, 0, 2], ["a", "b", "c"], ["a", "b", "c"])
    assert evaluation.items["top1"].tolist() == [1, 0, 0]
    assert evaluation.items["map3"].tolist() == [1, 1 / 2, 1 / 2]
    assert evaluation.metrics["top1"].value == pytest.approx(1 / 3)
    assert evaluation.metrics["map3"].value == pytest.approx(2 / 3)
    assert evaluation.metrics["macro_f1"].value == pytest.approx((2 / 3 + 0 + 0) / 3)
    assert evaluation.metrics["ece"].value == pytest.approx((0.2 + 0.7 + 0.6) / 3)


def test_top3_counts_the_first_three_places():
    probabilities = [[0.4, 0.3, 0.2, 0.1], [0.4, 0.3, 0.2, 0.1], [0.1, 0.2, 0.3, 0.4]]
    evaluation = evaluation_of(probabilities, [2, 3, 3], list("abcd"), list("abcd"))
    assert evaluation.items["top3"].tolist() == [1, 0, 1]


def test_intervals_over_groups_of_equal_items_are_wider():
    """Ten copies of each item say no more than one."""
    probabilities, truth = some(40)
    copies = np.repeat(np.arange(40), 10)
    groups = {"photos": copies.astype(np.uint64)}
    names = list("abcd")
    single = evaluation_of(probabilities[copies], truth[copies], names, names)
    grouped = evaluation_of(probabilities[copies], truth[copies], names, names, units=groups)
    for name in ("top1", "top3", "map3", "macro_f1", "ece"):
        one, other = single.metrics[name], grouped.metrics[name]
        assert one.value == pytest.approx(other.value)
        assert other.high - other.low > 1.5 * (one.high - one.low), name
    assert np.array_equal(grouped.units["photos"], copies)


def test_a_class_that_the_model_does_not_know_is_always_wrong():
    evaluation = evaluation_of([[0.9, 0.1], [0.9, 0.1]], [0, 2], ["a", "b"], ["a", "b", "new"])
    assert evaluation.items["top1"].tolist() == [1, 0]
    assert evaluation.items["map3"].tolist() == [1, 0]
    assert {row["label"]: row["support"] for row in evaluation.tables["per_class.json"]} == {"a": 1, "b": 0, "new": 1}


def test_mean_of_items_is_the_metric():
    evaluation = evaluation_of(*some(), list("abcd"), list("abcd"))
    for name, items in evaluation.items.items():
        assert items.mean() == pytest.approx(evaluation.metrics[name].value)
        assert items.dtype == np.float64
    for metric in evaluation.metrics.values():
        assert metric.low < metric.value < metric.high


def test_intervals_of_macro_f1_and_calibration_agree_with_resampling_items():
    probabilities, truth = some(n=400)
    names = list("abcd")
    evaluation = evaluation_of(probabilities, truth, names, names, resamples=2000)
    rng = np.random.default_rng(9)
    values = {"macro_f1": [], "ece": []}
    for _ in range(300):
        drawn = rng.integers(len(truth), size=len(truth))
        resample = evaluation_of_metrics_only(probabilities[drawn], truth[drawn])
        for name in values:
            values[name].append(resample[name])
    for name, drawn_values in values.items():
        metric = evaluation.metrics[name]
        assert [metric.low, metric.high] == pytest.approx(np.quantile(drawn_values, [0.025, 0.975]), abs=0.012)


def evaluation_of_metrics_only(probabilities, truth):
    from atelier.evaluation.classification.metrics import (
        class_scores,
        confidence_bins,
        confusion_matrix,
        expected_calibration_error,
        macro_f1,
    )

    predictions = score_batch(probabilities, truth)
    matrix = confusion_matrix(truth, predictions.predicted, 4)
    bin_of = confidence_bins(predictions.confidence, 15)
    gaps = predictions.confidence - predictions.correct
    return {
        "macro_f1": macro_f1(class_scores(np.diag(matrix), matrix.sum(1), matrix.sum(0)).f1),
        "ece": expected_calibration_error(np.ones((1, len(truth))), gaps, bin_of, 15)[0],
    }


def test_table_is_json_with_null_where_undefined():
    evaluation = evaluation_of([[0.9, 0.1, 0.0]], [0], ["a", "b", "c"], ["a", "b", "c"])
    rows = json.loads(json.dumps(evaluation.tables["per_class.json"], allow_nan=False))
    assert rows[0]["f1"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert rows[1]["f1"] is None


def test_the_same_seed_gives_the_same_metrics_and_plots():
    one, other = (evaluation_of(*some(), list("abcd"), list("abcd")) for _ in range(2))
    assert one.metrics == other.metrics
    assert one.pictures == other.pictures


def test_345_classes_with_three_items_each():
    probabilities, truth = some(n=1035, classes=345)
    names = [f"class {index}" for index in range(345)]
    evaluation = evaluation_of(probabilities, truth, names, names)
    assert len(evaluation.tables["per_class.json"]) == 345
    for metric in evaluation.metrics.values():
        assert 0 <= metric.low <= metric.value <= metric.high <= 1
