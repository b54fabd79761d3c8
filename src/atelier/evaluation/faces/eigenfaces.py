"""The baseline: faces as sums of eigenfaces (Turk & Pentland 1991), edited along regressed directions."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from atelier.data.prepared.dataset import PreparedData
from atelier.evaluation.faces.regression import fit_directions

REGRESSION_PENALTY = 0.1
"""Of the regression that scales directions, relative to the mean variance of a component."""

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
        """Attribute → change of the components by which it moves one standard deviation; a constant attribute has none.

        The mean change is scaled until a regression of the attribute on the components sees one standard deviation, as
        the directions of a model are scaled by what its regressor sees.
        """
        deviations = np.nanstd(labels, axis=0)
        varied = np.flatnonzero(deviations > 0)
        standardized = (labels[:, varied] - np.nanmean(labels[:, varied], axis=0)) / deviations[varied]
        latents = ((flat - self.mean) @ self._components.T).astype(np.float64)
        found = fit_directions(latents, standardized, penalty)
        scaled = [row / _seen(latents, column, row) for column, row in zip(standardized.T, found, strict=True)]
        names = [faces.manifest.attributes[column] for column in varied]
        return {name: row.astype(np.float32) for name, row in zip(names, scaled, strict=True)}

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


def _seen(latents: NDArray[np.float64], labels: NDArray[np.float64], step: NDArray[np.float64]) -> float:
    """By how much a ridge regression of the labels on the latents sees a step change; at least a twentieth."""
    known = np.isfinite(labels)
    x, y = latents[known] - latents[known].mean(axis=0), labels[known] - labels[known].mean()
    penalty = REGRESSION_PENALTY * np.square(x).sum() / x.shape[1]
    weights = np.linalg.solve(x.T @ x + penalty * np.eye(x.shape[1]), x.T @ y)
    return max(float(step @ weights), 0.05)


def _principal(centered: Floats, components: int) -> Floats:
    """(components, pixels) directions of largest variance, by the eigenvectors of the smaller matrix."""
    count = min(components, len(centered) - 1)
    values, vectors = np.linalg.eigh((centered @ centered.T).astype(np.float64))
    chosen = vectors[:, ::-1][:, :count] / np.sqrt(np.maximum(values[::-1][:count], 1e-6))
    return np.asarray(chosen.T.astype(np.float32) @ centered)
