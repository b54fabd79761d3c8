"""Tiny prepared data sets of drawn faces."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from atelier.data.prepared.dataset import PreparedData
from atelier.data.samples.faces import Attributes, attributes, paint
from atelier.preprocessing.spec import FaceInput
from tests.helpers.prepared_data import write_prepared

COUNTS = {"train": 12, "val": 4, "test": 6}
FACE = {"eye_height": 0.3, "eye_distance": 0.42, "min_score": 0.5, "min_aligned_score": 0.6, "max_shift": 0.12}


def write_face_set(
    folder: Path, seed: int, size: int = 64, counts: Mapping[str, int] = COUNTS, alignment: str = "center"
) -> PreparedData:
    """Drawn faces with their attributes; the smile of the first training face is missing."""
    splits, first = {}, 0
    for split, count in counts.items():
        numbers = range(first, first + count)
        first += count
        values = np.array([attributes(seed, number) for number in numbers], np.float32)
        if split == "train":
            values[0, Attributes._fields.index("smile")] = np.nan
        splits[split] = {
            "image": np.stack([paint(seed, number, size) for number in numbers]),
            "attributes": values,
            "label": np.zeros(count, np.uint16),
            "id": np.array(numbers, np.uint64),
        }
    data = write_prepared(folder, (), splits, f"faces {seed} {size} {alignment} {sorted(counts.items())}")
    spec = FaceInput(size=(size, size), alignment=alignment, **FACE)
    manifest = data.manifest.model_copy(update={"attributes": Attributes._fields, "preprocessing": spec})
    (folder / "manifest.json").write_text(manifest.model_dump_json())
    return PreparedData(folder)
