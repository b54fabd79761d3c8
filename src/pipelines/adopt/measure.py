"""What an ONNX file does not say is measured on validation items: the range of its input, and what its scores are."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.errors import BadInputError
from atelier.onnx.adaptation import RANGES, Adaptation, Scores
from atelier.onnx.foreign import ForeignModel
from atelier.onnx.model import OnnxModel
from atelier.onnx.parity import difference_over_batches

SMOOTHING = 0.05
"""Of the labels in the loss that selects the range."""
BATCHES = (1, 2, 7)
"""Batch sizes for which the adapted file is compared with the one that came."""
_SMALLEST = 1e-7


def measured(
    model: ForeignModel, adaptation: Adaptation, images: NDArray[Any], truth: NDArray[np.int64]
) -> tuple[Adaptation, list[str]]:
    """The adaptation with the range of pixels that suits the model best, and sentences about what differs.

    Parameters
    ----------
    images
        Validation items (n, ...), as the contract has them.
    truth
        (n,): the output of the true class, -1 for a class that the model does not know.

    Raises
    ------
    BadInputError
        When the model knows none of the classes.
    """
    raw = {pixels: _scores(model, replace(adaptation, pixels=pixels), images) for pixels in RANGES}
    scores = Scores.of(np.concatenate(list(raw.values())))
    known = truth >= 0
    if not known.any():
        raise BadInputError("No validation item has a label that the model knows. Prepare more items.")
    losses = {pixels: smoothed_loss(scores.to_probabilities(each)[known], truth[known]) for pixels, each in raw.items()}
    best, second = sorted(RANGES, key=lambda pixels: losses[pixels])[:2]
    found = (
        f"Found on {known.sum():,} validation items: loss {losses[best]:.3f}, "
        f"with the next best range ({second.name}) {losses[second]:.3f}."
    )
    texts = [
        f"Range: it takes {best.name}, the family's images are 0 to 255; converted in the graph. {found}"
        if best != RANGES[0]
        else "",
        f"Scores: it returns {scores}; converted to probabilities in the graph."
        if scores != Scores.PROBABILITIES
        else "",
    ]
    return replace(adaptation, pixels=best, scores=scores), [text for text in texts if text]


def smoothed_loss(probabilities: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    """Mean cross-entropy with smoothed labels (Szegedy et al., Rethinking the Inception architecture, 2016).

    Accuracy cannot tell ranges apart: many networks predict the same classes for 0 to 1 and 0 to 255. But in the wrong
    range they are far too sure or not sure at all. The smoothing makes both expensive, even where no class is wrong.
    """
    logarithms = np.log(np.maximum(probabilities, _SMALLEST))
    of_truth = np.take_along_axis(logarithms, truth[:, None], axis=1)[:, 0]
    return float(-((1 - SMOOTHING) * of_truth + SMOOTHING * logarithms.mean(1)).mean())


def open_adapted(model: ForeignModel, adaptation: Adaptation) -> OnnxModel:
    """A session of the adapted graph.

    Raises
    ------
    BadInputError
        When it does not run.
    """
    try:
        return OnnxModel(adaptation.apply(model).SerializeToString(deterministic=True), threads=0)
    except Exception as error:  # of ONNX or ONNX Runtime, which have no common base
        raise BadInputError(
            f"{model.path} cannot be adapted ({str(error).splitlines()[0][:300]}). "
            "Export it with opset 18 and a dynamic batch axis."
        ) from error


def parity(model: ForeignModel, adaptation: Adaptation, session: OnnxModel, images: NDArray[Any]) -> float:
    """Largest difference between the adapted file and the one that came, in batches of several sizes.

    Raises
    ------
    BadInputError
        When the adapted file does not take batches of every size.
    """
    inputs = {adaptation.image.name: images}
    try:
        return difference_over_batches(adaptation.reference(model), session, inputs, BATCHES)
    except Exception as error:  # ONNX Runtime has an error for each operator that does not follow the batch
        raise BadInputError(
            f"The graph of {model.path} does not follow the size of the batch ({str(error).splitlines()[0][:200]}). "
            "Export it with a dynamic batch axis."
        ) from error


def _scores(model: ForeignModel, adaptation: Adaptation, images: NDArray[Any]) -> NDArray[np.float32]:
    """What the file itself returns."""
    plain = replace(adaptation, scores=Scores.PROBABILITIES)
    answer = plain.reference(model)(**{adaptation.image.name: images})
    return np.asarray(answer[adaptation.probabilities.name], np.float32)
