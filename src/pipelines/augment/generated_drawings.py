"""The generated drawings of the experiment: made by one champion, kept where another names their label."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from atelier.atomic_files import replacing
from atelier.data.content_hash import content_hashes
from atelier.data.prepared.dataset import SPLITS, PreparedData
from atelier.errors import BadInputError
from atelier.onnx.model import OnnxModel
from atelier.predictors.drawing_generator import Generator, derive_seed

BATCH_SIZE = 512


@dataclass(frozen=True)
class GeneratedDrawings:
    """Drawings that were kept.

    Attributes
    ----------
    image
        uint8 (n, height, width).
    label
        int64 (n,): index into the labels of the data.
    agreement
        float64 (labels,): share of the drawings of each label that the classifier accepted, 0 to 1; NaN where the
        generator does not know the label.
    """

    image: NDArray[np.uint8]
    label: NDArray[np.int64]
    agreement: NDArray[np.float64]

    @property
    def id(self) -> NDArray[np.uint64]:
        """uint64 (n,): hash of the image."""
        return content_hashes(self.image)[:, 0].astype(np.uint64)

    @property
    def content_hash(self) -> str:
        """SHA-256 of images and labels."""
        return hashlib.sha256(self.image.tobytes() + self.label.tobytes()).hexdigest()

    def write(self, path: Path) -> None:
        with replacing(path) as new, new.open("wb") as file:
            np.savez(file, allow_pickle=False, image=self.image, label=self.label, agreement=self.agreement)

    @classmethod
    def read(cls, path: Path) -> Self:
        with np.load(path) as arrays:
            return cls(arrays["image"], arrays["label"], arrays["agreement"])


@dataclass(frozen=True)
class LabelFilter:
    """A classifier that decides which drawings are good enough.

    Attributes
    ----------
    model
        Input `image`, uint8 (batch, height, width); output `probabilities` (batch, labels).
    labels
        Names in the order of the probabilities.
    confidence
        The lowest probability of its label with which a drawing is accepted, 0 to 1.
    """

    model: OnnxModel
    labels: Sequence[str]
    confidence: float

    def accepts(self, images: NDArray[np.uint8], label: str) -> NDArray[np.bool_]:
        """(n,): whether `label` is the most probable label of each image, with at least `confidence`."""
        if label not in self.labels:
            return np.zeros(len(images), np.bool_)
        batches = [images[start : start + BATCH_SIZE] for start in range(0, len(images), BATCH_SIZE)]
        probabilities = np.concatenate([self.model(image=batch)["probabilities"] for batch in batches])
        index = self.labels.index(label)
        accepted: NDArray[np.bool_] = (probabilities.argmax(1) == index) & (probabilities[:, index] >= self.confidence)
        return accepted


def generate(
    generator: Generator, label_filter: LabelFilter, labels: Sequence[str], number: int, attempts: int, seed: int
) -> GeneratedDrawings:
    """Generate up to `number` drawings of each label that the filter accepts, the first of those that were generated.

    Parameters
    ----------
    labels
        Labels of the data; no drawings are made of those that the generator does not know.
    attempts
        How many drawings are generated for each one that is wanted.
    seed
        Of the noise, which is different for each label.

    Raises
    ------
    BadInputError
        When no drawing of any label is accepted.
    """
    images, indices, agreement = [], [], np.full(len(labels), np.nan)
    for index, label in enumerate(labels):
        if label in generator.labels:
            wanted = np.full(number * attempts, generator.labels.index(label), np.int64)
            drawings = generator.draw(wanted, derive_seed(seed, label))
            accepted = label_filter.accepts(drawings, label)
            agreement[index] = accepted.mean()
            images.append(drawings[accepted][:number])
            indices.append(np.full(len(images[-1]), index, np.int64))
    if not sum(map(len, images)):
        raise BadInputError(
            "The champion classifier names the label of none of the generated drawings with a probability of "
            f"{label_filter.confidence:g}. Lower augment.confidence, or train a better generator of these labels."
        )
    return GeneratedDrawings(np.concatenate(images), np.concatenate(indices), agreement)


def image_hashes(data: PreparedData) -> NDArray[np.uint64]:
    """uint64 (items,): hashes of the images of all splits, as `GeneratedDrawings.id`."""
    parts = [np.empty(0, np.uint64)]
    for split in SPLITS:
        images = data.split(split)["image"]
        for start in range(0, len(images), BATCH_SIZE):
            parts.append(content_hashes(images[start : start + BATCH_SIZE])[:, 0].astype(np.uint64))
    return np.concatenate(parts)


def exclude(drawings: GeneratedDrawings, ids: NDArray[np.uint64]) -> GeneratedDrawings:
    """Remove repeated drawings and those with one of these hashes: no copy of a test drawing may be trained on."""
    found = drawings.id
    first = np.unique(found, return_index=True)[1]
    kept = np.sort(first[~np.isin(found[first], ids)])
    return GeneratedDrawings(drawings.image[kept], drawings.label[kept], drawings.agreement)
