"""What an ONNX file does not say is measured: the range of its input, and what its scores are.

The items are those of the validation and training split: the test split is for the evaluation alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.errors import BadInputError
from atelier.onnx.adaptation import RANGES, Adaptation, PixelRange, Scores
from atelier.onnx.foreign import ForeignModel
from atelier.onnx.model import OnnxModel
from atelier.onnx.parity import difference_over_batches

LIMITS = (0.001, 0.99)
"""Of the probabilities in the loss that selects the range."""
CLEARLY = 0.1
"""A loss that is smaller by this fraction is clearly better."""
BATCHES = (1, 2, 7)
"""Batch sizes for which the adapted file is compared with the one that came."""


def measured(
    model: ForeignModel,
    adaptation: Adaptation,
    images: NDArray[Any],
    truth: NDArray[np.int64],
    ranges: Sequence[PixelRange] = RANGES,
) -> tuple[Adaptation, list[str]]:
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
    best = _best(losses, adaptation.source.dtype)
    others = sorted((pixels for pixels in ranges if pixels != best), key=lambda pixels: losses[pixels])
    found = "As given."
    if others:
        found = (
            f"Found on {known.sum():,} items: loss {losses[best]:.3f}, with the next best range ({others[0].name}) "
            f"{losses[others[0]]:.3f}. If it is another, name it: range=…"
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


def ranges_named(name: str | None) -> tuple[PixelRange, ...]:
    """The range with this name, or all of them without one.

    Raises
    ------
    BadInputError
        When there is none of this name.
    """
    typed = {pixels.name.replace(",", ""): pixels for pixels in RANGES}  # Kedro splits `--params` at commas
    if name is None:
        return RANGES
    found = tuple(pixels for key, pixels in typed.items() if key == name.replace(",", ""))
    if not found:
        names = "; ".join(typed)
        raise BadInputError(f"There is no range {name!r}. Give one of: {names}. Without one it is measured.")
    return found


def loss(probabilities: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    """Mean cross-entropy, with probabilities limited to `LIMITS`.

    Accuracy cannot tell ranges apart: many networks predict the same classes for 0 to 1 and for 0 to 255, but are far
    too sure in one of them. The limits keep one very sure mistake from deciding, and leave nothing to gain beyond 99 %.
    """
    of_truth = np.take_along_axis(probabilities, truth[:, None], axis=1)
    return float(-np.log(np.clip(of_truth, *LIMITS)).mean())


def _best(losses: Mapping[PixelRange, float], dtype: str) -> PixelRange:
    """The usual range for the type of the input, unless another is clearly better."""
    usual = [RANGES[0]] if dtype == "uint8" else [RANGES[1], RANGES[2], RANGES[0]]
    order = [*(pixels for pixels in usual if pixels in losses), *losses]
    enough = min(losses.values()) * (1 + CLEARLY) + 0.01
    return next(pixels for pixels in order if losses[pixels] <= enough)


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
