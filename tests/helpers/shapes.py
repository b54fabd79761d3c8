"""A tiny data set of three shapes, which a network learns in seconds."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atelier.data.prepared.dataset import SPLITS, PreparedData
from tests.helpers import prepared_data

LABELS = ("bar", "box", "cross")
COUNTS = {"train": 96, "val": 24, "test": 80}


def doodle(label: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    image = np.zeros((28, 28), np.uint8)
    top, left = rng.integers(2, 8, 2)
    size = int(rng.integers(12, 18))
    if label == 0:
        image[top : top + 3, left : left + size] = 255
    elif label == 1:
        image[top : top + size, left : left + size] = 255
        image[top + 2 : top + size - 2, left + 2 : left + size - 2] = 0
    else:
        image[top + size // 2, left : left + size] = 255
        image[top : top + size, left + size // 2] = 255
    return image


def write_prepared(folder: Path, seed: int = 0, counts: Mapping[str, int] = COUNTS) -> PreparedData:
    rng = np.random.default_rng(seed)
    splits = {}
    for split in SPLITS:
        labels = np.arange(counts[split], dtype=np.uint16) % len(LABELS)
        images = np.stack([doodle(int(label), rng) for label in labels])
        splits[split] = {
            "image": images,
            "label": labels,
            "id": rng.integers(0, 2**63, len(labels), dtype=np.uint64),
        }
    return prepared_data.write_prepared(folder, LABELS, splits, str(seed))
