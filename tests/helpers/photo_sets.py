"""Tiny prepared photos of three classes, which a network learns in seconds, and a tiny backbone."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atelier.data.download.raw_folder import make
from atelier.data.download.source import DataRequest
from atelier.data.prepared.dataset import PreparedData
from atelier.preprocessing.spec import PhotoInput
from atelier.pretrained.backbones.architectures import RANDOM
from atelier.pretrained.backbones.asset import Backbone
from atelier.pretrained.weights import random_weights, write_npz
from tests.helpers.prepared_data import write_prepared

LABELS = ("blue", "grün", "红")
SIZE = 40
COUNTS = {"train": 48, "val": 15, "test": 30}


def photo(label: int, rng: np.random.Generator, size: int = SIZE) -> NDArray[np.uint8]:
    """A square in the color of the class on noise."""
    image = rng.integers(60, 200, (size, size, 3)).astype(np.uint8)
    top, left = rng.integers(0, size // 3, 2)
    side = int(rng.integers(size // 3, size // 2))
    color = np.full(3, 20)
    color[2 - label] = 230
    image[top : top + side, left : left + side] = color
    return image


def write_photos(folder: Path, seed: int = 0, counts: dict[str, int] = COUNTS) -> PreparedData:
    """Photos with the field `group`: two in a row belong together."""
    rng = np.random.default_rng(seed)
    splits = {}
    for split, count in counts.items():
        labels = np.arange(count, dtype=np.uint16) // 2 % len(LABELS)
        ids = rng.integers(0, 2**63, count, dtype=np.uint64)
        splits[split] = {
            "image": np.stack([photo(int(label), rng) for label in labels]),
            "label": labels,
            "id": ids,
            "group": ids[np.arange(count) // 2 * 2],
        }
    data = write_prepared(folder, LABELS, splits, f"photos {seed}")
    manifest = data.manifest.model_copy(update={"preprocessing": PhotoInput(size=(SIZE, SIZE))})
    (folder / "manifest.json").write_text(manifest.model_dump_json())
    return PreparedData(folder)


def write_backbone(folder: Path, seed: int = 0) -> Backbone:
    """The small untrained backbone."""
    request = DataRequest(
        dataset="backbone", kind="sample", address="here", licence="CC0", parameters={"network": "random"}
    )
    make(folder, request, lambda building: write_npz(building / "weights.npz", random_weights(RANDOM.shapes, seed)))
    return Backbone(folder)
