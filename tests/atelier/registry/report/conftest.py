from pathlib import Path

import pytest

from atelier.data.prepared.dataset import Manifest
from atelier.registry.models import Registry
from atelier.registry.report.report import Report, default_versions, make_report
from atelier.registry.tracking.run import open_run
from tests.helpers.registries import FAMILY, GATE, add_challenger, manifest


def train(registry: Registry, folder: Path, key: str, right: int, width: int, data: Manifest) -> None:
    """Register a challenger whose run has parameters and data."""
    with open_run(registry.uri, registry.experiment(FAMILY), key) as run:
        run.describe({"model": {"width": width}, "training": {"seed": 0}}, {"points": data})
    add_challenger(registry, folder, key, right)


def more(found: Manifest) -> Manifest:
    """The same data set with 50 items more and a quarantined one."""
    counts = {**found.counts, "train": {"a": 2, "b": 53}}
    hashes = {**found.split_hashes, "train": "2" * 64}
    changes = {"counts": counts, "rejected": {"duplicate": 1, "truncated": 1}, "split_hashes": hashes}
    return found.model_copy(update={**changes, "content_hash": "3" * 64})


@pytest.fixture
def two(registry: Registry, tmp_path: Path) -> Registry:
    """A registry with versions 1 and 2: other width, other data. None has gone through the gate."""
    train(registry, tmp_path, "first", 100, 8, manifest())
    train(registry, tmp_path, "second", 130, 16, more(manifest()))
    return registry


def report_of(registry: Registry) -> Report:
    """A report on all versions."""
    return make_report(registry, registry.history(FAMILY), GATE)


def default_report(registry: Registry) -> Report:
    return make_report(registry, default_versions(registry, FAMILY), GATE)
