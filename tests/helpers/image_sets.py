"""Tiny prepared data sets of photos or paintings."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from atelier.data.prepared.dataset import PreparedData
from tests.helpers.image_files import random_image
from tests.helpers.prepared_data import write_prepared

COUNTS = {"train": 10, "val": 4, "test": 4}


def write_image_set(folder: Path, seed: int, size: int = 48, counts: Mapping[str, int] = COUNTS) -> PreparedData:
    """Squares of random colours; ids hold the seed and the index over all splits."""
    splits, first = {}, 0
    for split, count in counts.items():
        indices = np.arange(first, first + count)
        first += count
        splits[split] = {
            "image": np.stack([np.asarray(random_image(1000 * seed + int(index), size, size)) for index in indices]),
            "label": np.zeros(count, np.uint16),
            "id": (np.uint64(seed) << np.uint64(56)) + (indices.astype(np.uint64) << np.uint64(40)),
        }
    return write_prepared(folder, (), splits, f"{seed} {size} {sorted(counts.items())}")
