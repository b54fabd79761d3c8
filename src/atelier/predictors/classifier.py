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


class Classifier:
    """A typed wrapper of an exported classifier.

    Parameters
    ----------
    model
        Input `image`, output `probabilities` (n, labels).
    spec
        Names the labels.
    """

    def __init__(self, model: OnnxModel, spec: ModelSpec) -> None:
        self._model, self._spec = model, spec

    def guesses(self, images: NDArray[Any], top_k: int | None = None) -> list[tuple[Guess, ...]]:
        """The most likely labels of each image, the best first.

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
        labels = self._spec.labels
        count = min(TOP_K, len(labels)) if top_k is None else top_k
        if count > len(labels):
            raise BadInputError(f"top_k must be a whole number from 1 to {len(labels)}.")
        probabilities = self._model(image=images)["probabilities"]
        best = np.argsort(-probabilities, axis=1, kind="stable")[:, :count]
        return [
            tuple(Guess(label=labels[index], probability=round(float(row[index]), 6)) for index in order)
            for row, order in zip(probabilities, best, strict=True)
        ]

    def is_unsure(self, best: Guess) -> bool:
        """Whether the best guess is less probable than the card's `unsure_below`."""
        return best.probability < (self._spec.unsure_below or 0.0)
