"""The model: the mean drawing of each class, with its checkpoint."""

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from atelier.atomic_files import write_atomically
from atelier.errors import BadInputError

CHECKPOINT = "sums.npz"


@dataclass
class Means:
    """Sums of the drawings of each class so far.

    Attributes
    ----------
    sums
        float64 (classes, pixels).
    counts
        int64 (classes,).
    epoch
        Finished epochs.
    """

    sums: NDArray[np.float64]
    counts: NDArray[np.int64]
    epoch: int = 0

    def add(self, images: NDArray[np.uint8], labels: NDArray[np.integer]) -> None:
        """Add uint8 (n, h, w) drawings and their labels (n,)."""
        np.add.at(self.sums, labels, images.reshape(len(images), -1).astype(np.float64))
        self.counts += np.bincount(labels, minlength=len(self.counts))

    @property
    def means(self) -> NDArray[np.float64]:
        """(classes, pixels)."""
        return self.sums / np.maximum(1, self.counts)[:, None]

    def probabilities(self, images: NDArray[np.uint8], sharpness: float) -> dict[str, NDArray[np.float32]]:
        """Softmax of the negative squared distances, (n, classes): the reference of the exported graph."""
        pixels = images.reshape(len(images), 1, -1) / 255
        logits = -sharpness * np.square(pixels - self.means / 255).mean(2)
        powers = np.exp(logits - logits.max(1, keepdims=True))
        return {"probabilities": (powers / powers.sum(1, keepdims=True)).astype(np.float32)}

    def save(self, folder: Path, fingerprint: dict[str, Any]) -> None:
        """Write the checkpoint atomically."""
        buffer = io.BytesIO()
        np.savez(buffer, sums=self.sums, counts=self.counts, epoch=self.epoch, fingerprint=json.dumps(fingerprint))
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / CHECKPOINT, buffer.getvalue())

    @classmethod
    def load(cls, folder: Path, fingerprint: dict[str, Any]) -> Self | None:
        """Read the checkpoint in `folder`. None: there is no checkpoint.

        Raises
        ------
        BadInputError
            When it was trained on other data or with other settings.
        """
        if not (folder / CHECKPOINT).exists():
            return None
        with np.load(folder / CHECKPOINT) as stored:
            if json.loads(str(stored["fingerprint"])) != fingerprint:
                raise BadInputError(f"{folder} was trained on other data or with other settings. Remove it.")
            return cls(stored["sums"], stored["counts"], int(stored["epoch"]))
