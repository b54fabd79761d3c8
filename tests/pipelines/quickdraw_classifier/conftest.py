"""A tiny prepared data set of three shapes, and settings to learn it in a moment."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from atelier.data.prepared import SPLITS, Manifest, PreparedData
from atelier.data.source import Request
from pipelines.quickdraw_classifier.settings import ClassifierSettings

LABELS = ("bar", "box", "cross")
COUNTS = {"train": 96, "val": 24, "test": 80}


def doodle(label: int, chance: np.random.Generator) -> NDArray[np.uint8]:
    image = np.zeros((28, 28), np.uint8)
    top, left = chance.integers(2, 8, 2)
    size = int(chance.integers(12, 18))
    if label == 0:
        image[top : top + 3, left : left + size] = 255
    elif label == 1:
        image[top : top + size, left : left + size] = 255
        image[top + 2 : top + size - 2, left + 2 : left + size - 2] = 0
    else:
        image[top + size // 2, left : left + size] = 255
        image[top : top + size, left + size // 2] = 255
    return image


def write_prepared(folder: Path, seed: int = 0) -> PreparedData:
    chance = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    for split in SPLITS:
        labels = np.arange(COUNTS[split], dtype=np.uint16) % len(LABELS)
        images = np.stack([doodle(int(label), chance) for label in labels])
        ids = chance.integers(0, 2**63, len(labels), dtype=np.uint64)
        for field, array in {"image": images, "label": labels, "id": ids}.items():
            half = len(array) // 2
            np.save(folder / f"{split}-00000.{field}.npy", array[:half])
            np.save(folder / f"{split}-00001.{field}.npy", array[half:])
    hashed = hashlib.sha256(str(seed).encode()).hexdigest()
    manifest = Manifest(
        dataset="quickdraw",
        labels=LABELS,
        counts={split: dict.fromkeys(LABELS, COUNTS[split] // len(LABELS)) for split in SPLITS},
        content_hash=hashed,
        split_hashes=dict.fromkeys(SPLITS, hashed),
        rejected={},
        source=Request(dataset="quickdraw", kind="sample", address="made by a test", licence="none"),
        raw_hash=hashed,
        licence="none",
        made_from=hashed,
    )
    (folder / "manifest.json").write_text(manifest.model_dump_json())
    return PreparedData(folder)


@pytest.fixture(scope="session")
def quickdraw(tmp_path_factory: pytest.TempPathFactory) -> PreparedData:
    return write_prepared(tmp_path_factory.mktemp("data") / "quickdraw")


@pytest.fixture(scope="session")
def make_settings() -> Callable[..., ClassifierSettings]:
    def make(**training: Any) -> ClassifierSettings:
        recipe = {"epochs": 4, "batch_size": 16, "average_decay": 0.8, "learning_rate": 0.01} | training
        return ClassifierSettings.model_validate(
            {
                "model": {"widths": (8, 16), "depths": (1, 1), "flip_average": True},
                "training": recipe,
                "hardware": {"threads": 1},
            }
        )

    return make
