"""The baseline: faces as sums of eigenfaces (Turk & Pentland 1991), edited along regressed directions."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from atelier.data.prepared.dataset import PreparedData
from atelier.evaluation.faces.regression import fit_directions

Images = NDArray[np.uint8]
Floats = NDArray[np.float32]


class Eigenfaces:
    """Principal components of training faces, with one direction for each attribute.

    Parameters
    ----------
    faces
        The data whose training split is learned from.
    components
        Largest number of components; there are fewer than faces.
    most
        Largest number of training faces.
    penalty
        Of the regression, see `fit_directions`.
    """

    def __init__(self, faces: PreparedData, components: int, most: int, penalty: float) -> None:
        split = faces.split("train")
        images = split["image"][:most]
        self._shape = images.shape[1:]
        flat = images.reshape(len(images), -1).astype(np.float32)
        self.mean = flat.mean(axis=0)
        self._components = _principal(flat - self.mean, components)
        self._vectors = self._directions(faces, flat, split["attributes"][: len(images)].astype(np.float64), penalty)

    def _directions(
        self, faces: PreparedData, flat: Floats, labels: NDArray[np.float64], penalty: float
    ) -> dict[str, Floats]:
        """Attribute → change of the components for one standard deviation; a constant attribute has none."""
        deviations = np.nanstd(labels, axis=0)
        varied = np.flatnonzero(deviations > 0)
        standardized = (labels[:, varied] - np.nanmean(labels[:, varied], axis=0)) / deviations[varied]
        found = fit_directions((flat - self.mean) @ self._components.T, standardized, penalty)
        names = [faces.manifest.attributes[column] for column in varied]
        return {name: row.astype(np.float32) for name, row in zip(names, found, strict=True)}

    def encode(self, images: Images) -> Floats:
        """(n, components)."""
        coefficients: Floats = (images.reshape(len(images), -1).astype(np.float32) - self.mean) @ self._components.T
        return coefficients

    def decode(self, latents: NDArray[np.floating]) -> Images:
        """uint8 (n, size, size, 3)."""
        flat = latents @ self._components + self.mean
        return np.asarray(np.rint(np.clip(flat, 0, 255)), np.uint8).reshape(-1, *self._shape)

    def edit(self, latents: Floats, changes: Mapping[str, float]) -> Floats:
        """Latents moved by so many standard deviations of each attribute."""
        edited = latents.copy()
        for name, change in changes.items():
            edited += np.float32(change) * self._vectors.get(name, np.float32(0))
        return edited


def _principal(centered: Floats, components: int) -> Floats:
    """(components, pixels) directions of largest variance, by the eigenvectors of the smaller matrix."""
    count = min(components, len(centered) - 1)
    values, vectors = np.linalg.eigh((centered @ centered.T).astype(np.float64))
    chosen = vectors[:, ::-1][:, :count] / np.sqrt(np.maximum(values[::-1][:count], 1e-6))
    return np.asarray(chosen.T.astype(np.float32) @ centered)
