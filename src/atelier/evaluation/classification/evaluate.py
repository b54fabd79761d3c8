"""The `Evaluation` of a classifier from its predictions: metrics with intervals, a table of classes, and plots."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from atelier.evaluation.bootstrap import Weights, bootstrap, bootstrap_each
from atelier.evaluation.classification import plots
from atelier.evaluation.classification.metrics import (
    ClassScores,
    Floats,
    Ints,
    Predictions,
    calibration,
    calibration_cells,
    class_scores,
    confidence_bins,
    confusion_matrix,
    expected_calibration_error,
    macro_f1,
    reciprocal_rank,
)
from atelier.evaluation.groups import sums_by_group
from atelier.evaluation.results import Evaluation, in_json
from atelier.evaluation.unit_bootstrap import Units, bootstrap_units, mean_over_units
from atelier.model_card import Metric


@dataclass(frozen=True)
class LabelMap:
    """The mapping between a model's outputs and a data set's labels, which may differ in order and number.

    Attributes
    ----------
    names
        The labels of the data in their order, then those that only the model knows.
    output_to_label
        int (outputs,): index in `names` of each output.
    label_to_output
        int (names,): output of each name, -1 where the model does not know it.
    """

    names: tuple[str, ...]
    output_to_label: Ints
    label_to_output: Ints

    @classmethod
    def match(cls, outputs: Sequence[str], data: Sequence[str]) -> Self:
        """Match the labels of the model's outputs and of the data by name."""
        names = (*data, *(label for label in outputs if label not in set(data)))
        place = {name: index for index, name in enumerate(names)}
        output_to_label = np.array([place[label] for label in outputs], np.int32)
        label_to_output = np.full(len(names), -1, np.int32)
        label_to_output[output_to_label] = np.arange(len(outputs))
        return cls(names, output_to_label, label_to_output)


def evaluate_classifier(
    predictions: Predictions,
    truth: Ints,
    labels: LabelMap,
    item_ids: NDArray[np.uint64],
    *,
    resamples: int,
    seed: int,
    calibration_bins: int,
    units: Units = MappingProxyType({}),
) -> Evaluation:
    """Evaluate a classifier from its predictions alone, without its images.

    Parameters
    ----------
    predictions
        Of the n test items, from `score_batch` with `labels.label_to_output[truth]`; the predicted classes are indices
        of the model's outputs.
    truth
        int (n,): the true class as an index in `labels.names`.
    item_ids
        uint64 (n,).
    resamples, seed
        Number of bootstrap resamples behind each interval, and their seed.
    calibration_bins
        Number of confidence bins of the calibration error.
    units
        Groups of items that are not independent, such as photos of one object. Empty: all items are independent.

    Returns
    -------
    Evaluation
        Metrics `top1`, `top3`, `map3`, `macro_f1` and `ece`; items of the first three; table `per_class.json`; pictures
        `confusion.png`, `most_confused.png`, `reliability.png` and `per_class_f1.png`.
    """
    predictions = replace(predictions, predicted=labels.output_to_label[predictions.predicted])
    items = {
        "top1": predictions.correct.astype(np.float64),
        "top3": (predictions.rank < 3).astype(np.float64),
        "map3": reciprocal_rank(predictions.rank, at=3),
    }
    confusion = confusion_matrix(truth, predictions.predicted, len(labels.names))
    f1, table = class_table(confusion, labels.names, resamples, seed)
    metrics = {name: mean_over_units(values, units, resamples, seed) for name, values in items.items()}
    classes = truth, predictions.predicted, len(labels.names)
    metrics["macro_f1"] = bootstrap_units(_macro_f1_of(*classes), units, resamples, seed) if units else f1
    metrics["ece"] = calibration_error(predictions, calibration_bins, resamples, seed, units)
    bins = calibration(predictions.confidence, predictions.correct, calibration_bins)
    pictures = {
        "confusion.png": plots.confusion(confusion, labels.names),
        "most_confused.png": plots.most_confused(confusion, labels.names),
        "reliability.png": plots.reliability(bins, metrics["ece"]),
        "per_class_f1.png": plots.class_bars({row["label"]: row["f1"] for row in table}, "F1"),
    }
    return Evaluation(metrics, items, item_ids, pictures, {"per_class.json": table}, units)


def calibration_error(
    predictions: Predictions, bins: int, resamples: int, seed: int, units: Units | None = None
) -> Metric:
    """Expected calibration error with its interval. It is too high for a calibrated model, see `bootstrap`."""
    if units:
        gaps = predictions.confidence.astype(np.float64) - predictions.correct
        bin_of = confidence_bins(predictions.confidence, bins)
        return bootstrap_units(
            lambda weights: expected_calibration_error(weights, gaps, bin_of, bins), units, resamples, seed
        )
    cells = calibration_cells(predictions.confidence, predictions.correct, bins)
    return bootstrap(
        lambda weights: expected_calibration_error(weights, cells.gap, cells.bin_of, bins), cells.items, resamples, seed
    )


def _macro_f1_of(truth: Ints, predicted: Ints, size: int) -> Callable[[Weights], Floats]:
    """Macro F1 as a function of the items' weights."""

    def statistic(weights: Weights) -> Floats:
        return macro_f1(_class_scores(weights, truth, predicted, size).f1)

    return statistic


def _class_scores(weights: Weights, truth: Ints, predicted: Ints, size: int) -> ClassScores:
    return class_scores(
        sums_by_group(np.where(truth == predicted, weights, 0.0), truth, size),
        sums_by_group(weights, truth, size),
        sums_by_group(weights, predicted, size),
    )


def class_table(
    confusion: Ints, names: Sequence[str], resamples: int, seed: int
) -> tuple[Metric, list[Mapping[str, Any]]]:
    """Macro F1, and one row per class: label, support, predicted, and precision, recall, f1 with intervals.

    These scores depend on the confusion matrix alone, so the resamples are drawn from its cells, not from the items. An
    undefined score is None, because JSON has no NaN.
    """
    truth, predicted = np.nonzero(confusion)
    counts, size = confusion[truth, predicted], len(names)

    def statistics(weights: Weights) -> Floats:
        scores = _class_scores(weights, truth, predicted, size)
        return np.concatenate([macro_f1(scores.f1)[:, None], *scores], axis=1)

    macro, *per_class = bootstrap_each(statistics, counts, resamples, seed)
    table: list[Mapping[str, Any]] = [
        {"label": name, "support": int(confusion[i].sum()), "predicted": int(confusion[:, i].sum())}
        | {score: in_json(per_class[block * size + i]) for block, score in enumerate(("precision", "recall", "f1"))}
        for i, name in enumerate(names)
    ]
    return macro, table
