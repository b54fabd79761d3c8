"""What an ONNX file does not say is measured: the range of its input, and what its scores are.

The items are those of the validation and training split: the test split is for the evaluation alone.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.errors import BadInputError
from atelier.onnx.classifier_adaptation import ClassifierAdaptation, Scores
from atelier.onnx.foreign import ForeignModel
from atelier.onnx.pixel_range import PixelRange
from pipelines.adopt.ranges import best_range, range_text

LIMITS = (0.001, 0.99)
"""Of the probabilities in the loss that selects the range."""


def measured(
    model: ForeignModel,
    adaptation: ClassifierAdaptation,
    images: NDArray[Any],
    truth: NDArray[np.int64],
    ranges: Sequence[PixelRange],
) -> tuple[ClassifierAdaptation, list[str]]:
    """The adaptation with the range of pixels that suits the model best, and sentences about what differs.

    Parameters
    ----------
    images
        Items (n, ...), as the contract has them.
    truth
        (n,): the output of the true class, -1 for a class that the model does not know.
    ranges
        Those that the model may take.

    Raises
    ------
    BadInputError
        When the model knows none of the classes.
    """
    raw = {pixels: _scores(model, replace(adaptation, pixels=pixels), images) for pixels in ranges}
    scores = Scores.of(np.concatenate(list(raw.values())))
    known = truth >= 0
    if not known.any():
        raise BadInputError("No item has a label that the model knows. Prepare more items.")
    losses = {pixels: loss(scores.to_probabilities(each)[known], truth[known]) for pixels, each in raw.items()}
    best = best_range(losses, adaptation.source.dtype)
    text = range_text(best, losses, f"{known.sum():,} items")
    texts = [
        text,
        f"Scores: it returns {scores}; converted to probabilities in the graph."
        if scores != Scores.PROBABILITIES
        else "",
    ]
    return replace(adaptation, pixels=best, scores=scores), [text for text in texts if text]


def loss(probabilities: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    """Mean cross-entropy, with probabilities limited to `LIMITS`.

    Accuracy cannot tell ranges apart: many networks predict the same classes for 0 to 1 and for 0 to 255, but are far
    too sure in one of them. The limits keep one very sure mistake from deciding, and leave nothing to gain beyond 99 %.
    """
    of_truth = np.take_along_axis(probabilities, truth[:, None], axis=1)
    return float(-np.log(np.clip(of_truth, *LIMITS)).mean())


def _scores(model: ForeignModel, adaptation: ClassifierAdaptation, images: NDArray[Any]) -> NDArray[np.float32]:
    """What the file itself returns."""
    plain = replace(adaptation, scores=Scores.PROBABILITIES)
    answer = plain.reference(model)(**{adaptation.image.name: images})
    return np.asarray(answer[adaptation.probabilities.name], np.float32)
