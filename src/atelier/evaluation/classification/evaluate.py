"""From a classifier's answers to its `Evaluation`: metrics with intervals, the per-class table, and pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from atelier.evaluation.bootstrap import Weights, bootstrap, bootstrap_each, bootstrap_mean
from atelier.evaluation.classification import plots
from atelier.evaluation.classification.metrics import (
    Answers,
    Floats,
    Ints,
    calibration,
    class_scores,
    confidence_bins,
    confusion_matrix,
    expected_calibration_error,
    macro_f1,
    reciprocal_rank,
)
from atelier.evaluation.groups import sums_by_group
from atelier.evaluation.results import Evaluation, in_json
from atelier.model_card import Metric


@dataclass(frozen=True)
class Classes:
    """How a model's outputs and a data set's labels belong together; they may differ in order and in number.

    Attributes
    ----------
    names
        The data's labels in their order, then those that only the model knows.
    of_output
        int (outputs,): place in `names` of each output.
    output_of
        int (names,): output of each name, -1 where the model does not know it.
    """

    names: tuple[str, ...]
    of_output: Ints
    output_of: Ints

    @classmethod
    def match(cls, outputs: Sequence[str], data: Sequence[str]) -> Self:
        """Match by name."""
        names = (*data, *(label for label in outputs if label not in set(data)))
        place = {name: index for index, name in enumerate(names)}
        of_output = np.array([place[label] for label in outputs], np.int64)
        output_of = np.full(len(names), -1, np.int64)
        output_of[of_output] = np.arange(len(outputs))
        return cls(names, of_output, output_of)


def evaluate_classifier(
    answers: Answers,
    truth: Ints,
    classes: Classes,
    item_ids: NDArray[np.uint64],
    *,
    resamples: int,
    seed: int,
    calibration_bins: int = 15,
) -> Evaluation:
    """Everything there is to say about a classifier without looking at its images.

    Parameters
    ----------
    answers
        Of the n test items, judged against `classes.output_of[truth]`; predictions number the model's outputs.
    truth
        int (n,): the true class as a place in `classes.names`.
    item_ids
        uint64 (n,).
    resamples, seed
        Of the bootstrap intervals.

    Returns
    -------
    Evaluation
        Metrics `top1`, `map3`, `macro_f1` and `ece`; items `top1` and `map3`; table `per_class.json`; pictures
        `confusion.png`, `most_confused.png`, `reliability.png` and `per_class_f1.png`.
    """
    answers = replace(answers, prediction=classes.of_output[answers.prediction])
    items = {"top1": answers.correct.astype(np.float64), "map3": reciprocal_rank(answers.rank, at=3)}
    confusion = confusion_matrix(truth, answers.prediction, len(classes.names))
    f1, table = _class_table(confusion, classes.names, resamples, seed)
    metrics = {name: bootstrap_mean(values, resamples, seed) for name, values in items.items()}
    metrics["macro_f1"] = f1
    metrics["ece"] = _calibration_error(answers, calibration_bins, resamples, seed)
    bins = calibration(answers.confidence, answers.correct, calibration_bins)
    pictures = {
        "confusion.png": plots.confusion(confusion, classes.names),
        "most_confused.png": plots.most_confused(confusion, classes.names),
        "reliability.png": plots.reliability(bins, metrics["ece"]),
        "per_class_f1.png": plots.class_bars({row["label"]: row["f1"] for row in table}, "F1"),
    }
    return Evaluation(metrics, items, item_ids, pictures, {"per_class.json": table})


def _calibration_error(answers: Answers, bins: int, resamples: int, seed: int) -> Metric:
    gaps = answers.confidence - answers.correct
    bin_of = confidence_bins(answers.confidence, bins)
    return bootstrap(
        lambda weights: expected_calibration_error(weights, gaps, bin_of, bins), len(gaps), resamples, seed
    )


def _class_table(
    confusion: Ints, names: Sequence[str], resamples: int, seed: int
) -> tuple[Metric, list[Mapping[str, Any]]]:
    """Macro F1, and a row for each class: label, support, predicted, and precision, recall, f1 with intervals.

    Items with the same truth and the same answer are alike to all of these, so resamples draw cells of the confusion
    matrix. A score that is undefined is None, as JSON has no NaN.
    """
    truth, prediction = np.nonzero(confusion)
    counts, size = confusion[truth, prediction], len(names)

    def statistics(weights: Weights) -> Floats:
        scores = class_scores(
            sums_by_group(np.where(truth == prediction, weights, 0.0), truth, size),
            sums_by_group(weights, truth, size),
            sums_by_group(weights, prediction, size),
        )
        return np.concatenate([macro_f1(scores.f1)[:, None], *scores], axis=1)

    macro, *per_class = bootstrap_each(statistics, counts, resamples, seed)
    table: list[Mapping[str, Any]] = [
        {"label": name, "support": int(confusion[i].sum()), "predicted": int(confusion[:, i].sum())}
        | {score: in_json(per_class[block * size + i]) for block, score in enumerate(("precision", "recall", "f1"))}
        for i, name in enumerate(names)
    ]
    return macro, table
