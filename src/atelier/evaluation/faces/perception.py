"""Features of a perceptual network: of its layers for distances, of its deepest layer for identity and samples."""

import numpy as np
from numpy.typing import NDArray

from atelier.data.prepared.dataset import PreparedData
from atelier.pretrained.perceptual.asset import Perceptual
from atelier.pretrained.perceptual.extractor import Extractor

BATCH = 32
_EPSILON = 1e-6

Images = NDArray[np.uint8]
Floats = NDArray[np.float32]


class Perception:
    """One network for all features.

    Features for identity are differences from those of the mean face, with unit length. No network for recognizing
    people is used: none was found whose weights are free. They say whether the image of a person stayed the same, not
    whether a person would be recognized.

    Parameters
    ----------
    faces
        Data whose training faces define the mean.
    most
        Largest number of them.
    """

    def __init__(self, perceptual: Perceptual, faces: PreparedData, most: int) -> None:
        architecture = perceptual.architecture
        self._deepest = architecture.layers[-1].name
        self._layers = architecture.style_layers
        self._extract = Extractor(perceptual, tuple(dict.fromkeys((*self._layers, self._deepest))), threads=0)
        self._center = self._deep(faces.split("train")["image"][: min(most, 256)]).mean(axis=0)

    def layers(self, images: Images) -> dict[str, Floats]:
        """Layer → features (n, channels, h, w), for `perceptual_distance`."""
        found = self._extract(images)
        return {name: found[name] for name in self._layers}

    def identity(self, images: Images) -> Floats:
        """(n, d) with unit length."""
        centered = self._deep(images) - self._center
        return np.asarray(centered / np.sqrt(np.square(centered).sum(axis=1, keepdims=True) + _EPSILON))

    def pooled(self, images: Images) -> Floats:
        """(n, channels): means over the image, for distances between sets of images."""
        parts = [
            self._extract(images[start : start + BATCH])[self._deepest].mean(axis=(2, 3))
            for start in range(0, len(images), BATCH)
        ]
        return np.concatenate(parts)

    def _deep(self, images: Images) -> Floats:
        parts = [self._extract(images[start : start + BATCH])[self._deepest] for start in range(0, len(images), BATCH)]
        return np.concatenate([part.reshape(len(part), -1) for part in parts])
