"""Drawings from an exported generator, which maps noise and a label to white strokes on black."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from atelier.errors import AtelierError, BadInputError
from atelier.model_card import MODEL, ModelSpec, Tensor
from atelier.onnx.model import OnnxModel

BATCH = 16
"""Drawings per call. The size is fixed, because the last bit of a result, and so a gray level, may depend on it."""


class Generator:
    """A conditional generator of drawings.

    Parameters
    ----------
    model
        Inputs `noise`, float32 (batch, z) in standard deviations, and `label`, int64 (batch,); output `image`,
        float32 (batch, height, width, 1), 1 a white stroke and 0 the black paper.
    spec
        The interface of the model. `spec.labels` are the names in the order of `label`.
    """

    def __init__(self, model: OnnxModel, spec: ModelSpec) -> None:
        self._model = model
        self._size = _axes(spec.parts[MODEL].outputs, "image")[1:3]
        self._noise_size = _axes(spec.parts[MODEL].inputs, "noise")[1]
        self.labels = spec.labels

    def draw(self, labels: NDArray[np.int64], seed: int) -> NDArray[np.uint8]:
        """Draw one drawing per label, in batches of fixed size.

        The sequence of noise depends on the seed alone, so a longer list of labels begins with the drawings of a
        shorter one.

        Parameters
        ----------
        labels
            int (n,), each an index into `self.labels`.
        seed
            Not negative. The same seed and labels give the same drawings.

        Returns
        -------
        uint8 (n, height, width), 255 a white stroke.

        Raises
        ------
        BadInputError
            When a label is not one of the generator's.
        AtelierError
            When the generator returns NaN or infinity.
        """
        if len(labels) and not (labels.min() >= 0 and labels.max() < len(self.labels)):
            raise BadInputError(
                f"The generator knows {len(self.labels)} labels: indices must be from 0 to {len(self.labels) - 1}."
            )
        rng = np.random.default_rng(seed)
        drawings = np.empty((len(labels), *self._size), np.uint8)
        for start in range(0, len(labels), BATCH):
            part = labels[start : start + BATCH]
            drawings[start : start + BATCH] = self._batch(part, rng)[: len(part)]
        return drawings

    def _batch(self, labels: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.uint8]:
        """(BATCH, height, width); label 0 fills the batch after the given labels."""
        noise = rng.standard_normal((BATCH, self._noise_size), dtype=np.float32)
        padded = np.zeros(BATCH, np.int64)
        padded[: len(labels)] = labels
        image: NDArray[np.float32] = self._model(noise=noise, label=padded)["image"][..., 0]
        if not np.isfinite(image).all():
            raise AtelierError("The generator returns NaN or infinity. Its training has diverged.")
        gray: NDArray[np.uint8] = np.rint(255 * np.clip(image, 0, 1)).astype(np.uint8)
        return gray


def derive_seed(seed: int, name: str) -> int:
    """A seed that depends on `seed` and `name` alone, so that a label's noise does not depend on the other labels."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:8], "big")


def _axes(tensors: tuple[Tensor, ...], name: str) -> tuple[int, ...]:
    """Sizes of the tensor with this name; 0 for a dynamic axis."""
    for tensor in tensors:
        if tensor.name == name:
            return tuple(axis if isinstance(axis, int) else 0 for axis in tensor.shape)
    raise BadInputError(f"This model is not a generator of drawings: its card has no {name!r}.")
