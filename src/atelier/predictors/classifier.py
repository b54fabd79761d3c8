"""A classifier: the most likely labels of prepared inputs, and whether an answer is sure."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.errors import BadInputError
from atelier.model_card import ModelSpec
from atelier.onnx.model import OnnxModel
from atelier.settings import Settings

TOP_K = 5
"""Number of guesses, unless another one is asked for."""


class Guess(Settings):
    """A label and its probability."""

    label: str
    probability: float


class Answer(Settings):
    """What a classifier says about one input."""

    guesses: tuple[Guess, ...]
    """The most likely labels, the best first."""
    unsure: bool
    """Whether the input is so unlike those of every class that it may show none of them."""


class Classifier:
    """A typed wrapper of an exported classifier.

    Parameters
    ----------
    model
        Input `image`; output `probabilities` (n, labels), and perhaps `familiarity` (n,): how much an image is like
        those that the model was trained on.
    spec
        Names the labels.
    """

    def __init__(self, model: OnnxModel, spec: ModelSpec) -> None:
        self._model, self._spec = model, spec

    def __call__(self, images: NDArray[Any], top_k: int | None = None) -> list[Answer]:
        """The answer for each image.

        Parameters
        ----------
        images
            uint8 (n, …), as the model takes them.
        top_k
            Number of labels; None: `TOP_K`, or all where the model has fewer.

        Raises
        ------
        BadInputError
            If `top_k` is larger than the number of labels.
        """
        labels, threshold = self._spec.labels, self._spec.unsure_below
        count = min(TOP_K, len(labels)) if top_k is None else top_k
        if count > len(labels):
            raise BadInputError(f"top_k must be a whole number from 1 to {len(labels)}.")
        outputs = self._model(image=images)
        probabilities = outputs["probabilities"]
        best = np.argsort(-probabilities, axis=1, kind="stable")[:, :count]
        score = outputs.get("familiarity", probabilities.max(axis=1))
        unsure = np.zeros(len(images), bool) if threshold is None else score < threshold
        return [
            Answer(
                guesses=tuple(Guess(label=labels[i], probability=round(float(row[i]), 6)) for i in order),
                unsure=bool(of_row),
            )
            for row, order, of_row in zip(probabilities, best, unsure, strict=True)
        ]
