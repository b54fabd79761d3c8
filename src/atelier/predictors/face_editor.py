"""Edit attributes of faces with an exported encoder and decoder."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.errors import AtelierError, BadInputError, nearest
from atelier.model_card import Direction, ModelSpec
from atelier.onnx.model import OnnxModel

BATCH = 16
"""Faces that are computed at a time."""

Images = NDArray[np.uint8]
"""(n, size, size, 3), RGB."""
Latents = NDArray[np.float32]
"""(n, layers, width)."""


class FaceEditor:
    """An encoder from faces to latents, a decoder back, and a direction in the latents for each attribute.

    Parameters
    ----------
    encoder
        Input `image`, float32 (batch, size, size, 3), RGB from 0 to 255; output `latents`, float32 (batch, layers,
        width).
    decoder
        Input `latents`; output `picture`, like `image`.
    spec
        The interface of the model, with `directions`.
    """

    def __init__(self, encoder: OnnxModel, decoder: OnnxModel, spec: ModelSpec) -> None:
        self._encoder, self._decoder = encoder, decoder
        self.attributes: tuple[Direction, ...] = spec.directions
        self._vectors = {direction.attribute: direction.array for direction in spec.directions}
        shape = spec.parts["decoder"].inputs[0].shape[1:]
        self.latent_shape = tuple(axis for axis in shape if isinstance(axis, int))
        """(layers, width)."""

    def encode(self, images: Images) -> Latents:
        """The latents of at least one aligned face, (n, layers, width).

        Raises
        ------
        AtelierError
            When the network returns NaN or infinity, as `decode`.
        """
        return _in_batches(lambda part: self._encoder(image=part.astype(np.float32))["latents"], images)

    def decode(self, latents: NDArray[np.floating]) -> Images:
        """The faces of latents, uint8 (n, size, size, 3).

        Raises
        ------
        BadInputError
            When the latents have another shape.
        """
        if latents.shape[1:] != self.latent_shape:
            raise BadInputError(f"This model takes latents (n, *{self.latent_shape}), not {latents.shape}.")
        pictures = _in_batches(lambda part: self._decoder(latents=part)["picture"], latents.astype(np.float32))
        return np.asarray(np.rint(np.clip(pictures, 0, 255)), np.uint8)

    def edit(self, latents: Latents, changes: Mapping[str, float]) -> Latents:
        """Move latents along the directions of attributes. The given latents stay as they are.

        Parameters
        ----------
        latents
            (n, layers, width).
        changes
            Attribute → by how many standard deviations it changes. Attributes that are not given stay as they are. A
            change outside `Direction.range` is made as it is; see `clamp`.

        Raises
        ------
        BadInputError
            When the model cannot change an attribute.
        """
        edited = latents.copy()
        for name, change in changes.items():
            if name not in self._vectors:
                known = nearest(name, self._vectors)
                raise BadInputError(f"This model cannot change {name!r}. Did you mean {known}?")
            edited += np.float32(change) * self._vectors[name]
        return edited

    def clamp(self, changes: Mapping[str, float]) -> dict[str, float]:
        """The changes, each limited to the range that was measured to work. Unknown attributes stay as they are."""
        ranges = {direction.attribute: direction.range for direction in self.attributes}
        return {name: float(np.clip(change, *ranges.get(name, (change, change)))) for name, change in changes.items()}


def _in_batches(run: Callable[[NDArray[Any]], NDArray[np.float32]], items: NDArray[Any]) -> NDArray[np.float32]:
    outputs = np.concatenate([run(items[start : start + BATCH]) for start in range(0, len(items), BATCH)])
    if not np.isfinite(outputs).all():
        raise AtelierError("The network returns NaN or infinity. Its training has diverged.")
    return outputs
