"""Metrics of a single-label classifier, as functions of arrays.

Every item has one true class, and a model returns one probability per class. `score_batch` reduces the probabilities of
a batch to three numbers per item, 12 bytes. All metrics here are computed from these numbers, so memory does not grow
with the number of items times the number of classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from atelier.errors import BadInputError

Ints = NDArray[np.integer]
Floats = NDArray[np.float64]

UNKNOWN = 2**31 - 1
"""Rank of a true class that the model does not know: lower than any rank that a metric counts."""
CELLS_PER_BIN = 256
"""Number of intervals of confidence in each bin whose items count as equal in the resamples of the calibration error.
"""


@dataclass(frozen=True)
class Predictions:
    """The predictions of a classifier for n items.

    Attributes
    ----------
    predicted
        int (n,): the most probable class; the first one of equally probable classes.
    confidence
        float (n,): the probability of the predicted class, 0 to 1.
    rank
        int (n,): number of classes ranked above the true class. 0 is correct; `UNKNOWN` where the model does not know
        the true class.
    """

    predicted: Ints
    confidence: NDArray[np.floating]
    rank: Ints

    @property
    def correct(self) -> NDArray[np.bool_]:
        """bool (n,): whether the predicted class is the true class."""
        return np.equal(self.rank, 0)

    @classmethod
    def concatenate(cls, parts: Sequence[Self]) -> Self:
        """Join the predictions of several batches."""
        return cls(
            np.concatenate([part.predicted for part in parts]),
            np.concatenate([part.confidence for part in parts]),
            np.concatenate([part.rank for part in parts]),
        )


def score_batch(probabilities: NDArray[np.floating], truth: Ints) -> Predictions:
    """Compare a batch of predicted probabilities with the true classes.

    Parameters
    ----------
    probabilities
        (n, classes), finite.
    truth
        int (n,): index of the true class, or -1 where the model does not know it. Such an item counts as wrong.

    Raises
    ------
    BadInputError
        When the shapes do not match, or a probability is NaN or infinite.
    """
    if probabilities.ndim != 2 or truth.shape != probabilities.shape[:1]:
        raise BadInputError(
            f"Got probabilities {probabilities.shape} for labels {truth.shape}; need (n, classes), (n,)."
        )
    bad = int((~np.isfinite(probabilities).all(axis=1)).sum())
    if bad:
        raise BadInputError(
            f"The model returns NaN or infinity for {bad} of {len(truth)} items. Train or export it again."
        )
    of_truth = np.take_along_axis(probabilities, np.maximum(truth, 0)[:, None], axis=1)
    earlier = np.arange(probabilities.shape[1]) < truth[:, None]
    before = (probabilities > of_truth) | ((probabilities == of_truth) & earlier)
    return Predictions(
        predicted=probabilities.argmax(axis=1).astype(np.int32),
        confidence=probabilities.max(axis=1),
        rank=np.where(truth < 0, UNKNOWN, before.sum(axis=1)).astype(np.int32),
    )


def reciprocal_rank(rank: Ints, at: int = 3) -> Floats:
    """Reciprocal rank of the true class: 1 for the first place, 1/2 for the second, …; 0 beyond place `at`.

    With one true class per item this equals the average precision of the item. The mean over items is therefore
    MAP@`at`, the metric of Kaggle's Quick, Draw! challenge (2018).
    """
    return np.where(rank < at, 1.0 / (1.0 + rank), 0.0)


def confusion_matrix(truth: Ints, prediction: Ints, classes: int) -> Ints:
    """int (classes, classes): number of items of class `row` that were predicted as class `column`."""
    matrix = np.zeros((classes, classes), np.int64)
    np.add.at(matrix, (truth, prediction), 1)
    return matrix


class ClassScores(NamedTuple):
    """Scores of every class, each (..., classes), 0 to 1, NaN where undefined."""

    precision: Floats
    """Fraction of correct items among those predicted as the class; undefined when it was never predicted."""
    recall: Floats
    """Fraction of correct items among those of the class; undefined when it has no item."""
    f1: Floats
    """Harmonic mean of both; undefined when the class has no item and was never predicted."""


def class_scores(hits: Floats, support: Floats, predicted: Floats) -> ClassScores:
    """Precision, recall and F1 from counts along the last axis.

    Parameters
    ----------
    hits, support, predicted
        (..., classes): number of correctly predicted items of each class, of its items, and of items predicted as it.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return ClassScores(hits / predicted, hits / support, 2 * hits / (support + predicted))


def macro_f1(f1: Floats) -> Floats:
    """Mean F1 over the classes that occur in the true or the predicted classes (last axis)."""
    defined = ~np.isnan(f1)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(defined, f1, 0.0).sum(axis=-1) / defined.sum(axis=-1))


class Calibration(NamedTuple):
    """Items grouped by confidence into bins of equal width over 0 to 1, each closed on the right."""

    items: Floats
    """Number of items in each bin."""
    confidence: Floats
    """Mean confidence in each bin; NaN where it is empty."""
    accuracy: Floats
    """Fraction of correct predictions in each bin; NaN where it is empty."""


def confidence_bins(confidence: NDArray[np.floating], bins: int) -> Ints:
    """int (n,): the bin of each item."""
    return np.asarray(np.clip(np.ceil(confidence.astype(np.float64) * bins) - 1, 0, bins - 1), np.int32)


def calibration(confidence: NDArray[np.floating], correct: NDArray[np.bool_], bins: int) -> Calibration:
    """The values of a reliability diagram."""
    bin_of = confidence_bins(confidence, bins)
    items = np.bincount(bin_of, minlength=bins).astype(np.float64)
    with np.errstate(invalid="ignore"):
        return Calibration(
            items,
            np.bincount(bin_of, confidence, bins) / items,
            np.bincount(bin_of, correct, bins) / items,
        )


class CalibrationCells(NamedTuple):
    """Items with nearly equal confidence, correct or not, as one group: all that the calibration error depends on."""

    gap: Floats
    """Mean of confidence minus correctness (0 or 1) of the items of each cell."""
    bin_of: Ints
    """The bin of each cell."""
    items: Ints
    """Number of items in each cell, at least 1."""


def calibration_cells(confidence: NDArray[np.floating], correct: NDArray[np.bool_], bins: int) -> CalibrationCells:
    """Group n items into at most 2 · 256 · `bins` cells, whatever n is.

    The calibration error of the cells is that of the items. In a resample, items of a cell have its mean confidence
    instead of their own, which differs from it by less than 1 / (256 · `bins`).
    """
    cell = 2 * confidence_bins(confidence, bins * CELLS_PER_BIN) + correct
    items = np.bincount(cell)
    confidences = np.bincount(cell, confidence)
    found = np.flatnonzero(items)
    return CalibrationCells(
        gap=confidences[found] / items[found] - found % 2,
        bin_of=found // (2 * CELLS_PER_BIN),
        items=items[found],
    )


def expected_calibration_error(weights: Floats, gaps: Floats, bin_of: Ints, bins: int) -> Floats:
    """Mean distance between confidence and accuracy over bins, weighted by items: 0 (calibrated) to 1.

    Naeini, Cooper & Hauskrecht 2015; Guo et al. 2017, arXiv:1706.04599, equation 3 (15 bins). Noise within a bin
    increases the error: with few items, every model looks less calibrated than it is.

    Parameters
    ----------
    weights
        (k, n): number of items of each cell in each of k resamples.
    gaps, bin_of
        (n,): from `calibration_cells`.

    Returns
    -------
    (k,)
    """
    per_bin = np.zeros((len(gaps), bins))
    per_bin[np.arange(len(gaps)), bin_of] = gaps
    return np.asarray(np.abs(weights @ per_bin).sum(axis=1) / weights.sum(axis=1))
