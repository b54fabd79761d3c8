"""Metrics of a single-label classifier, as plain functions of arrays.

Every item has one true class; a model answers with one probability a class. `judge` turns the (large) probabilities of
a batch into a few numbers an item, from which every metric here follows: memory stays small however many items and
classes there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from atelier.errors import BadInputError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

UNKNOWN = 2**31 - 1
"""Rank of a true class that the model does not know: behind any place that a metric looks at."""


@dataclass(frozen=True)
class Answers:
    """What a classifier said about n items.

    Attributes
    ----------
    prediction
        int (n,): the most probable class; of equally probable ones the first.
    confidence
        float (n,): its probability, 0 to 1.
    rank
        int (n,): how many classes stand before the true one; 0 is right, `UNKNOWN` where the model does not know it.
    """

    prediction: Ints
    confidence: Floats
    rank: Ints

    @property
    def correct(self) -> NDArray[np.bool_]:
        """bool (n,): the most probable class is the true one."""
        return np.equal(self.rank, 0)

    @classmethod
    def concatenate(cls, parts: Sequence[Self]) -> Self:
        """The answers of several batches as one."""
        return cls(
            np.concatenate([part.prediction for part in parts]),
            np.concatenate([part.confidence for part in parts]),
            np.concatenate([part.rank for part in parts]),
        )


def judge(probabilities: NDArray[np.floating], truth: Ints) -> Answers:
    """Compare a batch of answers with the truth.

    Parameters
    ----------
    probabilities
        (n, classes), finite.
    truth
        (n,) index of the true class; -1 where the model does not know that class: such an item is always wrong.

    Raises
    ------
    BadInputError
        When the shapes do not fit, or a probability is NaN or infinite.
    """
    if probabilities.ndim != 2 or truth.shape != probabilities.shape[:1]:
        raise BadInputError(
            f"Got probabilities {probabilities.shape} for labels {truth.shape}; need (n, classes), (n,)."
        )
    bad = int((~np.isfinite(probabilities).all(axis=1)).sum())
    if bad:
        raise BadInputError(
            f"The model answers {bad} of {len(truth)} items with NaN or infinity: train or export it anew."
        )
    of_truth = np.take_along_axis(probabilities, np.maximum(truth, 0)[:, None], axis=1)
    earlier = np.arange(probabilities.shape[1]) < truth[:, None]
    before = (probabilities > of_truth) | ((probabilities == of_truth) & earlier)
    return Answers(
        prediction=probabilities.argmax(axis=1).astype(np.int64),
        confidence=probabilities.max(axis=1).astype(np.float64),
        rank=np.where(truth < 0, UNKNOWN, before.sum(axis=1)).astype(np.int64),
    )


def reciprocal_rank(rank: Ints, at: int = 3) -> Floats:
    """1, 1/2, 1/3, … for a true class that stands first, second, third, …; 0 beyond place `at`.

    With one true class an item this is its average precision, so the mean over items is MAP@`at`, the metric of
    Kaggle's Quick, Draw! challenge (2018).
    """
    return np.where(rank < at, 1.0 / (1.0 + rank), 0.0)


def confusion_matrix(truth: Ints, prediction: Ints, classes: int) -> Ints:
    """int (classes, classes): items of class `row` that were taken for class `column`."""
    matrix = np.zeros((classes, classes), np.int64)
    np.add.at(matrix, (truth, prediction), 1)
    return matrix


class ClassScores(NamedTuple):
    """Scores of every class, each (..., classes), 0 to 1, NaN where undefined."""

    precision: Floats
    """Share of right ones among the items taken for the class; undefined when it was never predicted."""
    recall: Floats
    """Share of right ones among the items of the class; undefined when it has no item."""
    f1: Floats
    """Harmonic mean of both; undefined when the class has no item and was never predicted."""


def class_scores(hits: Floats, support: Floats, predicted: Floats) -> ClassScores:
    """Precision, recall and F1 from counts along the last axis.

    Parameters
    ----------
    hits, support, predicted
        (..., classes): items of a class that were recognised, items of it, and items that were taken for it.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return ClassScores(hits / predicted, hits / support, 2 * hits / (support + predicted))


def macro_f1(f1: Floats) -> Floats:
    """Mean F1 over the classes that occur, in the truth or among the answers (last axis)."""
    defined = ~np.isnan(f1)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(defined, f1, 0.0).sum(axis=-1) / defined.sum(axis=-1))


class Calibration(NamedTuple):
    """Items by confidence: `bins` equally wide bins over 0 to 1, each closed on the right."""

    items: Floats
    """Number of items in each bin."""
    confidence: Floats
    """Mean confidence in each bin; NaN where it is empty."""
    accuracy: Floats
    """Share of right answers in each bin; NaN where it is empty."""


def confidence_bins(confidence: Floats, bins: int) -> Ints:
    """int (n,): the bin of every item."""
    return np.asarray(np.clip(np.ceil(confidence * bins) - 1, 0, bins - 1), np.int64)


def calibration(confidence: Floats, correct: NDArray[np.bool_], bins: int = 15) -> Calibration:
    """What a reliability diagram shows."""
    bin_of = confidence_bins(confidence, bins)
    items = np.bincount(bin_of, minlength=bins).astype(np.float64)
    with np.errstate(invalid="ignore"):
        return Calibration(
            items,
            np.bincount(bin_of, confidence, bins) / items,
            np.bincount(bin_of, correct, bins) / items,
        )


def expected_calibration_error(weights: Floats, gaps: Floats, bin_of: Ints, bins: int) -> Floats:
    """Mean distance of confidence and accuracy over bins, weighted by items: 0 (calibrated) to 1.

    Naeini, Cooper & Hauskrecht 2015; Guo et al. 2017, arXiv:1706.04599, equation 3 (15 bins). Noise within a bin adds
    to it: few items make any model look less calibrated than it is.

    Parameters
    ----------
    weights
        (k, n) how often each item counts.
    gaps
        (n,) confidence minus correctness (0 or 1) of each item.
    bin_of
        (n,) from `confidence_bins`.

    Returns
    -------
    (k,)
    """
    per_bin = np.zeros((len(gaps), bins))
    per_bin[np.arange(len(gaps)), bin_of] = gaps
    return np.asarray(np.abs(weights @ per_bin).sum(axis=1) / weights.sum(axis=1))
