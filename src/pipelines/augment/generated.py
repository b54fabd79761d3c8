"""The generated drawings that take part: drawn by one champion, kept where another agrees with the label."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from atelier.atomic_files import replacing
from atelier.data.content_hash import content_hashes
from atelier.errors import BadInputError
from atelier.onnx.model import OnnxModel
from atelier.predictors.drawing_generator import Generator, derive_seed

BATCH = 512


@dataclass(frozen=True)
class Generated:
    """Drawings that were kept.

    Attributes
    ----------
    image
        uint8 (n, height, width).
    label
        int64 (n,): place in the data's labels.
    agreement
        float64 (labels,): share of each label's drawings with which the classifier agreed; NaN where the generator
        does not know the label.
    """

    image: NDArray[np.uint8]
    label: NDArray[np.int64]
    agreement: NDArray[np.float64]

    @property
    def id(self) -> NDArray[np.uint64]:
        """uint64 (n,): as prepared data identifies its items."""
        return content_hashes(self.image)[:, 0].astype(np.uint64)

    @property
    def content_hash(self) -> str:
        return hashlib.sha256(self.image.tobytes() + self.label.tobytes()).hexdigest()

    def write(self, path: Path) -> None:
        with replacing(path) as new, new.open("wb") as file:
            np.savez(file, allow_pickle=False, image=self.image, label=self.label, agreement=self.agreement)

    @classmethod
    def read(cls, path: Path) -> Self:
        with np.load(path) as arrays:
            return cls(arrays["image"], arrays["label"], arrays["agreement"])


@dataclass(frozen=True)
class Filter:
    """A classifier that says which drawings are good enough.

    Attributes
    ----------
    model
        Input `image`, uint8 (batch, height, width); output `probabilities` (batch, labels).
    labels
        Names in the order of the probabilities.
    confidence
        The least probability of its label with which a drawing is kept.
    """

    model: OnnxModel
    labels: Sequence[str]
    confidence: float

    def agrees(self, images: NDArray[np.uint8], label: str) -> NDArray[np.bool_]:
        """(n,): whether `label` is what the classifier says, and with enough probability."""
        if label not in self.labels:
            return np.zeros(len(images), np.bool_)
        parts = [images[start : start + BATCH] for start in range(0, len(images), BATCH)]
        probabilities = np.concatenate([self.model(image=part)["probabilities"] for part in parts])
        place = self.labels.index(label)
        agreed: NDArray[np.bool_] = (probabilities.argmax(1) == place) & (probabilities[:, place] >= self.confidence)
        return agreed


def draw(generator: Generator, good: Filter, labels: Sequence[str], number: int, attempts: int, seed: int) -> Generated:
    """Up to `number` drawings of each label with which the classifier agrees, the first of those that were drawn.

    Parameters
    ----------
    labels
        The data's; those that the generator does not know get none.
    attempts
        So many are drawn for each that is wanted.
    seed
        Of the noise; each label has noise of its own.

    Raises
    ------
    BadInputError
        When not a single drawing is good enough.
    """
    images, places, agreement = [], [], np.full(len(labels), np.nan)
    for place, label in enumerate(labels):
        if label in generator.labels:
            asked = np.full(number * attempts, generator.labels.index(label), np.int64)
            drawn = generator.draw(asked, derive_seed(seed, label))
            agreed = good.agrees(drawn, label)
            agreement[place] = agreed.mean()
            images.append(drawn[agreed][:number])
            places.append(np.full(len(images[-1]), place, np.int64))
    if not sum(map(len, images)):
        raise BadInputError(
            f"Of no generated drawing does the champion classifier say what it should be with a probability of "
            f"{good.confidence:g}. Lower augment.confidence, or train a better generator of the data's labels."
        )
    return Generated(np.concatenate(images), np.concatenate(places), agreement)


def without(generated: Generated, ids: NDArray[np.uint64]) -> Generated:
    """Each drawing once, and none that has one of these ids: an exact copy of a test drawing would give it away."""
    found = generated.id
    fresh = np.unique(found, return_index=True)[1]
    fresh = np.sort(fresh[~np.isin(found[fresh], ids)])
    return Generated(generated.image[fresh], generated.label[fresh], generated.agreement)
