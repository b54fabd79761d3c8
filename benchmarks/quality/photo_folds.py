"""Cross-validation of the photo classifier, one variant after the other: on photos of a mirror, or on your own.

    ATELIER_MIRROR=<folder> python -m benchmarks.quality.photo_folds bricks probe fine_tuned
    python -m benchmarks.quality.photo_folds path/to/photos probe --k 10 --set training.augmentation.flips='"all"'

The folds are contiguous in time where file names carry it (bricks): photos of one class that were taken one after the
other look much alike. Scenes are in random order. A fold that has been computed is not computed again.
"""

import argparse
import json
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.data.download.source import DataRequest
from atelier.data.prepared.dataset import Manifest, PreparedData, ShardedArray, SplitName
from atelier.preprocessing.images import Fit, decode_square
from atelier.preprocessing.spec import PhotoInput
from benchmarks.parameters import parameters
from benchmarks.report import report
from pipelines.fetch.backbone import BackboneFetch
from pipelines.fetch.backbone import fetch as fetch_backbone
from pipelines.lifecycle.families import FAMILIES

FOLDERS = {"bricks": "bricks/photos", "scenes": "scenes"}
FLIPS = {"bricks": "all", "scenes": "horizontal"}
TAKEN = re.compile(r"_(\d{12})\.")
"""The time in the name of a brick's photo."""
VAL = 10
"""One in so many of the photos that are not tested is for validation."""


class Fold(PreparedData):
    """One fold, in memory.

    Parameters
    ----------
    images, labels
        All photos, uint8 (n, size, size, 3), and their labels, each class in order of time.
    names
        Names of the classes.
    fit
        How the photos became square.
    number, k
        Which of the k parts of each class is tested.
    """

    def __init__(
        self, images: NDArray[Any], labels: NDArray[Any], names: tuple[str, ...], fit: Fit, number: int, k: int
    ) -> None:
        super().__init__(Path())
        self._images, self._labels, self._names, self._number, self._k = images, labels, names, number, k
        self._fit = fit
        fold, rank = _folds(labels, k)
        val = (fold != number) & (rank % VAL == 0)
        self._rows = {"test": fold == number, "val": val, "train": (fold != number) & ~val}

    def split(self, name: SplitName) -> Mapping[str, ShardedArray]:
        rows = np.random.default_rng(0).permutation(np.flatnonzero(self._rows[name]))
        fields = {"image": self._images[rows], "label": self._labels[rows], "id": rows.astype(np.uint64)}
        return {field: ShardedArray([array]) for field, array in fields.items()}

    @cached_property
    def manifest(self) -> Manifest:
        counts = {split: self._counts(rows) for split, rows in self._rows.items()}
        photos = f"{len(self._labels)} photos at {self._images.shape[1]} pixels, fit: {self._fit}"
        identity = f"fold {self._number} of {self._k}, of {photos}"
        return Manifest(
            dataset="photos",
            labels=self._names,
            counts=counts,
            content_hash=identity,
            split_hashes=dict.fromkeys(self._rows, identity),
            rejected={},
            source=DataRequest(dataset="photos", kind="mirror", address="", licence="not stated"),
            raw_hash=identity,
            licence="not stated",
            preprocessing=PhotoInput(size=self._images.shape[1:3], fit=self._fit),
            fingerprint=identity,
        )

    def _counts(self, rows: NDArray[np.bool_]) -> dict[str, int]:
        counts = np.bincount(self._labels[rows], minlength=len(self._names)).tolist()
        return dict(zip(self._names, counts, strict=True))


def _folds(labels: NDArray[Any], k: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(n,) the fold of each photo, contiguous parts of each class, and its rank in its class."""
    fold, rank = np.empty(len(labels), np.int64), np.empty(len(labels), np.int64)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        rank[rows] = np.arange(len(rows))
        fold[rows] = rank[rows] * k // len(rows)
    return fold, rank


def load(folder: Path, size: int, fit: Fit) -> tuple[NDArray[np.uint8], NDArray[np.uint16], tuple[str, ...]]:
    """Photos uint8 (n, size, size, 3), labels and names of the classes."""
    names = tuple(sorted(path.name for path in folder.iterdir() if path.is_dir()))
    images, labels = [], []
    for label, name in enumerate(names):
        for path in sorted((folder / name).iterdir(), key=_taken):
            images.append(decode_square(path.read_bytes(), size, fit=fit)[0])
            labels.append(label)
    return np.stack(images), np.array(labels, np.uint16), names


def _taken(path: Path) -> tuple[str, str]:
    found = TAKEN.search(path.name)
    return (found[1] if found else "", path.name)


def run_fold(data: Fold, settings: Any, work: Path) -> dict[str, Any]:
    """Train on one fold. Returns its top-1 without and with the mirror image, that of validation, and CPU seconds."""
    family = FAMILIES["photo_classifier"]
    backbone = fetch_backbone(work.parent / "backbone", BackboneFetch(**parameters("backbone", "small")["fetch"]))
    inputs = family.inputs({"photos": data, "landscapes": data, "backbone": backbone})
    last: dict[str, float] = {}

    def log(metrics: Mapping[str, float], epoch: int, images: Any = None) -> None:  # noqa: ARG001
        last.update(metrics)
        print(epoch, dict(metrics), flush=True)

    before = time.process_time()
    family.train(inputs, settings, log, work)
    seconds = time.process_time() - before
    network = family.module("export").trained_network(inputs, settings, work)
    test = data.split("test")
    plain, mirrored = (_logits(network, test["image"], flip) for flip in (False, True))
    labels = test["label"][:]
    return {
        "top1": float((plain.argmax(1) == labels).mean()),
        "top1 mirrored": float(((plain + mirrored).argmax(1) == labels).mean()),
        **{name: value for name, value in last.items() if name.startswith("val_")},
        "cpu_s": round(seconds, 1),
    }


def _logits(network: Any, images: ShardedArray, flip: bool) -> NDArray[np.float32]:
    import tensorflow as tf

    found = []
    for start in range(0, len(images), 32):
        photos = tf.image.resize(tf.constant(images[start : start + 32]), network.input_shape[1:3])
        found.append(network(photos[:, :, ::-1] if flip else photos, training=False)["logits"].numpy())
    return np.concatenate(found)


def results(
    data_set: str, variant: str, work: Path, folds: Iterable[int], k: int, fit: Fit, changes: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """The result of each fold, computed or read."""
    family = FAMILIES["photo_classifier"]
    values = parameters("photo_classifier", "small")
    values["model"]["variant"] = variant
    values["training"]["augmentation"]["flips"] = FLIPS.get(data_set, "horizontal")
    for path, value in changes.items():
        *blocks, name = path.split(".")
        block = values
        for each in blocks:
            block = block[each]
        block[name] = value
    settings = family.settings(values)
    size = parameters("photos", "small")["prepare"]["size"]
    own = data_set not in FOLDERS
    photos = load(Path(data_set) if own else Path(os.environ["ATELIER_MIRROR"], FOLDERS[data_set]), size, fit)
    name = Path(data_set).name
    for number in folds:
        file = work / f"{name}_{fit}_{variant}_{number}.json"
        if not file.exists():
            result = run_fold(Fold(*photos, fit, number, k), settings, work / file.stem)
            file.write_text(json.dumps(result), encoding="utf-8")
        result = json.loads(file.read_text(encoding="utf-8"))
        print(name, variant, number, result, flush=True)
        yield {"photos": name, "variant": variant, "fold": number, **result}


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Mean over the folds, with a 95 % interval from Student's t distribution."""
    from scipy.stats import t

    values = np.array([row["top1 mirrored"] for row in rows])
    half = t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return {
        "photos": rows[0]["photos"],
        "variant": rows[0]["variant"],
        "top-1": round(float(values.mean()), 4),
        "low": round(float(values.mean() - half), 4),
        "high": round(float(values.mean() + half), 4),
        "CPU s a fold": round(float(np.mean([row["cpu_s"] for row in rows])), 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", help="bricks, scenes, or a folder with a folder for each class")
    parser.add_argument("variants", nargs="+", choices=("scratch", "probe", "fine_tuned"))
    parser.add_argument("--work", type=Path, default=Path("data/folds"))
    usual = parameters("photos", "small")["prepare"]["fit"]
    parser.add_argument("--fit", choices=("crop", "pad"), default=usual, help="see photos.prepare.fit")
    parser.add_argument("--k", type=int, default=5, help="number of folds")
    parser.add_argument("--folds", type=int, nargs="+", help="compute only these, from 0; default: all")
    parser.add_argument("--set", action="append", default=[], help="parameter=value (JSON) for all variants")
    arguments = parser.parse_args()
    folds = arguments.folds or range(arguments.k)
    arguments.work.mkdir(parents=True, exist_ok=True)
    changes = {path: json.loads(value) for path, value in (each.split("=", 1) for each in arguments.set)}
    details = [
        list(results(arguments.photos, variant, arguments.work, folds, arguments.k, arguments.fit, changes))
        for variant in arguments.variants
    ]
    if len(folds) > 1:
        name = Path(arguments.photos).name
        title = f"Photo classifier, {len(folds)} folds of {name}"
        rows = [summary(each) for each in details]
        report(f"photo_folds_{name}", title, rows, ["tensorflow"], [row for each in details for row in each])


if __name__ == "__main__":
    main()
