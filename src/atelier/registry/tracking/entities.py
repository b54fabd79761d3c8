"""Conversion between Atelier's parameters, data sets and images and MLflow's entities."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from atelier.data.prepared.dataset import Manifest

_LONGEST_PARAMETER = 6000
_LONGEST_DIGEST = 36
_LONGEST_TAG = 500
"""Limits of MLflow 3.17, in characters."""


def params(nested: Mapping[str, Any]) -> list[Any]:
    """Nested parameters as `Param`s with dotted names. Values other than strings are written as JSON."""
    from mlflow.entities import Param

    return [Param(name, _text(value)) for name, value in _flatten(nested)]


def dataset_input(name: str, manifest: Manifest) -> Any:
    """A prepared data set as a run's `DatasetInput`; its digest is the beginning of the content hash."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    dataset = Dataset(
        name=name,
        digest=manifest.content_hash[:_LONGEST_DIGEST],
        source_type=manifest.source.kind,
        source=json.dumps({"uri": manifest.source.address, "dvc": manifest.raw_hash}),
        profile=json.dumps({"counts": manifest.counts, "rejected": manifest.rejected}),
    )
    tags = {
        "mlflow.data.context": "training",
        "dvc.hash": manifest.raw_hash,
        "content.hash": manifest.content_hash,
        "test.hash": manifest.split_hashes["test"],
        "licence": manifest.licence[:_LONGEST_TAG],
    }
    return DatasetInput(dataset, [InputTag(key, value) for key, value in tags.items()])


def logged_images(paths: Iterable[str]) -> set[tuple[str, int]]:
    """(name, step) of the images with steps among a run's artifacts.

    Their paths are `images/<name>+step+<step>+timestamp+…`. MLflow writes each as a PNG and then as a small copy. An
    image without a copy is incomplete.
    """
    parts = [PurePosixPath(path).name.split("+") for path in paths if path.endswith("+compressed.webp")]
    return {(name.replace("~", "/"), int(step)) for name, _, step, *_ in parts}


def _flatten(nested: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in nested.items():
        if isinstance(value, Mapping) and value:
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text[:_LONGEST_PARAMETER]
