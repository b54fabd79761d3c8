"""Drawings from an exported generator: noise and a label in, white strokes on black out."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from atelier.errors import AtelierError, BadInputError
from atelier.model_card import MODEL, ModelSpec, Tensor
from atelier.onnx.model import OnnxModel

BATCH = 16
"""Drawings a call, always: the same noise in a call of another size may differ in the last bit, and so in a grey."""


class Generator:
    """A conditional generator of drawings.

    Parameters
    ----------
    model
        Inputs `noise`, float32 (batch, z) in standard deviations, and `label`, int64 (batch,); output `image`,
        float32 (batch, height, width, 1), 1 a white stroke and 0 the black paper.
    spec
        Its interface. `spec.labels` are the names in the order of `label`.
    """

    def __init__(self, model: OnnxModel, spec: ModelSpec) -> None:
        self._model = model
        self._size = _axes(spec.parts[MODEL].outputs, "image")[1:3]
        self._noise_size = _axes(spec.parts[MODEL].inputs, "noise")[1]
        self.labels = spec.labels

    def draw(self, labels: NDArray[np.int64], seed: int) -> NDArray[np.uint8]:
        """One drawing a label; memory beyond the drawings does not grow with their number.

        The noise is a row that depends on the seed alone, so the first drawings of a longer list of labels are those
        of the shorter list.

        Parameters
        ----------
        labels
            (n,), each an index into `self.labels`.
        seed
            Not negative. The same seed and labels give the same drawings.

        Returns
        -------
        uint8 (n, height, width), 255 a white stroke.

        Raises
        ------
        BadInputError
            When a label is none of the generator's.
        AtelierError
            When the generator answers with something that is no number.
        """
        if len(labels) and not (labels.min() >= 0 and labels.max() < len(self.labels)):
            raise BadInputError(
                f"The generator knows {len(self.labels)} labels: give indices from 0 to one below that."
            )
        rng = np.random.default_rng(seed)
        drawings = np.empty((len(labels), *self._size), np.uint8)
        for start in range(0, len(labels), BATCH):
            part = labels[start : start + BATCH]
            drawings[start : start + BATCH] = self._batch(part, rng)[: len(part)]
        return drawings

    def _batch(self, labels: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.uint8]:
        """(BATCH, height, width); what is beyond the labels is drawn with label 0."""
        noise = rng.standard_normal((BATCH, self._noise_size), dtype=np.float32)
        padded = np.zeros(BATCH, np.int64)
        padded[: len(labels)] = labels
        image: NDArray[np.float32] = self._model(noise=noise, label=padded)["image"][..., 0]
        if not np.isfinite(image).all():
            raise AtelierError("The generator answers with values that are no numbers. Its training has diverged.")
        grey: NDArray[np.uint8] = np.rint(255 * np.clip(image, 0, 1)).astype(np.uint8)
        return grey


def seed_of(seed: int, name: str) -> int:
    """A seed that belongs to `name`: each label gets noise of its own, whatever its place among the others."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:8], "big")


def _axes(tensors: tuple[Tensor, ...], name: str) -> tuple[int, ...]:
    """Sizes of the tensor with this name, a dynamic axis as 0."""
    for tensor in tensors:
        if tensor.name == name:
            return tuple(axis if isinstance(axis, int) else 0 for axis in tensor.shape)
    raise BadInputError(f"This model is no generator of drawings: its card names no {name!r}.")
