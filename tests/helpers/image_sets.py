"""Tiny prepared sets of photos or paintings."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from atelier.data.prepared.dataset import PreparedData
from tests.helpers.image_files import picture
from tests.helpers.prepared_data import write_prepared

COUNTS = {"train": 10, "val": 4, "test": 4}


def write_gallery(folder: Path, seed: int, size: int = 48, counts: Mapping[str, int] = COUNTS) -> PreparedData:
    """Squares of random colours; ids are the seed and the place, counted through all splits."""
    splits, first = {}, 0
    for split, count in counts.items():
        places = np.arange(first, first + count)
        first += count
        splits[split] = {
            "image": np.stack([np.asarray(picture(1000 * seed + int(place), size, size)) for place in places]),
            "label": np.zeros(count, np.uint16),
            "id": (np.uint64(seed) << np.uint64(56)) + (places.astype(np.uint64) << np.uint64(40)),
        }
    return write_prepared(folder, (), splits, f"{seed} {size} {sorted(counts.items())}")
