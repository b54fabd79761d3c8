"""Registries with tiny hand-made models, for tests of registration, gate and rollback."""

import os
import shutil
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
from mlflow.tracking._tracking_service.utils import _artifact_repos_cache

from atelier.data.download.source import DataRequest
from atelier.data.prepared.dataset import Manifest
from atelier.evaluation.bootstrap import bootstrap_mean
from atelier.evaluation.grids import image_grid
from atelier.evaluation.results import Evaluation
from atelier.model_card import Adoption, Cost, Metric, ModelCard
from atelier.registry.gate.settings import Budgets, GateSettings, Rule
from atelier.registry.gate.verdict import Verdict
from atelier.registry.models import Registry
from atelier.registry.promotion import run_gate
from atelier.registry.registration import register
from atelier.registry.tracking import backend, lineage
from atelier.registry.tracking.run import open_run
from atelier.registry.version import Version
from tests.helpers.onnx_graphs import multiplier_spec, write_model

FAMILY = "doubler"
ITEMS = 200
GATE = GateSettings(
    primary="top1",
    rules={"top1": Rule(tolerance=0.01, floor=0.5), "ece": Rule(direction="lower", tolerance=0.02, floor=0.4)},
    budgets=Budgets(latency_p95_ms=50.0, size_mb=1.0, parity=1e-4),
    resamples=300,
)


@cache
def _template() -> Path:
    """One empty MLflow database per process: creating its tables takes seconds, copying it does not."""
    path = Path(mkdtemp(prefix="atelier-tests-")) / "mlflow.db"
    backend.connect(f"sqlite:///{path}")
    return path


def empty_registry(folder: Path) -> Registry:
    """A registry of its own in `folder`."""
    shutil.copy(_template(), folder / "mlflow.db")
    return Registry(f"sqlite:///{folder / 'mlflow.db'}")


CORRECT = {1: 100, 2: 130, 3: 160, 4: 110}
"""Version → number of test items that it classifies correctly, out of 200."""


@cache
def _registry_template() -> Path:
    folder = Path(mkdtemp(prefix="atelier-tests-"))
    registry = empty_registry(folder)
    for number, right in CORRECT.items():
        add_challenger(registry, folder, f"v{number}", right)
    registry.remove_alias(FAMILY, "challenger")
    return folder


def registry_with_versions(folder: Path) -> Registry:
    """A registry of its own in `folder` with the versions of `CORRECT`. None has an alias."""
    shutil.copytree(_registry_template(), folder, dirs_exist_ok=True)
    clear_artifact_cache()
    return Registry(f"sqlite:///{folder / 'mlflow.db'}")


def clear_artifact_cache() -> None:
    """MLflow caches the location of a run's artifacts, but in copied registries one run has several locations."""
    _artifact_repos_cache.clear()


def remove_run(registry: Registry, number: int, family: str = FAMILY) -> None:
    """What `mlflow gc` does: the run of a version and its artifacts are gone, the version stays."""
    run_id = registry.version(family, number).run_id
    artifacts = registry.client.get_run(run_id).info.artifact_uri
    registry.client._tracking_client.store._hard_delete_run(run_id)
    shutil.rmtree(artifacts.removeprefix("file://"))
    clear_artifact_cache()


def gate_version(registry: Registry, number: int, settings: GateSettings = GATE) -> Verdict:
    """Make a version of `CORRECT` the challenger and run the gate, which must not evaluate anything again."""
    registry.set_alias(registry.version(FAMILY, number), "challenger")
    verdict = run_gate(registry, FAMILY, settings, TEST_HASH, _never)
    assert verdict is not None
    return verdict


def _never(model: object, spec: object) -> Evaluation:
    raise AssertionError("a model was evaluated again")


def manifest(name: str = "points", version: int = 1) -> Manifest:
    return Manifest(
        dataset=name,
        labels=("a", "b"),
        counts={"train": {"a": 2, "b": 3}, "test": {"a": 1}},
        content_hash=lineage.digest([name, version]),
        split_hashes={"train": "0" * 64, "val": "1" * 64, "test": lineage.digest(["test", name, version])},
        rejected={"duplicate": 1},
        source=DataRequest(dataset=name, kind="sample", address="made by a test", licence="CC BY 4.0"),
        raw_hash=f"{version:032x}.dir",
        licence="CC BY 4.0",
        fingerprint="made",
    )


TEST_HASH = lineage.test_hash({"points.test": manifest().split_hashes["test"]}, judges={}, measured={})


def evaluation(right: int, ece: float = 0.1, first_id: int = 0) -> Evaluation:
    """Results with `right` of 200 items classified correctly."""
    top1 = (np.arange(ITEMS) < right).astype(np.float64)
    return Evaluation(
        metrics={"top1": bootstrap_mean(top1, resamples=100), "ece": Metric(value=ece, low=ece, high=ece)},
        items={"top1": top1},
        item_ids=np.arange(first_id, first_id + ITEMS, dtype=np.uint64),
        pictures={"sheet.png": image_grid([np.full((8, 8), right, np.uint8)])},
        tables={"counts.json": {"right": right}},
    )


def card(
    run_id: str = "run", metrics: dict[str, Metric] | None = None, parts: Iterable[str] = ("model",), **cost: float
) -> ModelCard:
    """The card of a model with these parts, each of which costs the same."""
    each = Cost(**{"latency_p50_ms": 1.0, "latency_p95_ms": 2.0, "size_mb": 0.01, **cost})
    return ModelCard(
        family=FAMILY,
        spec=multiplier_spec(parts),
        metrics=metrics or {},
        cost=dict.fromkeys(parts, each),
        parity=dict.fromkeys(parts, 1e-7),
        parameters=1,
        lineage=lineage.trace(run_id, f"atelier/{FAMILY}", {"points": manifest()}),
    )


def add_challenger(
    registry: Registry,
    folder: Path,
    key: str,
    right: int = 150,
    ece: float = 0.1,
    parts: tuple[str, ...] = ("model",),
) -> Version:
    """Run a lifecycle without a training: the next version, with the alias `challenger`.

    The first part multiplies by `right`, the second by `right` + 1, and so on.
    """
    result = evaluation(right, ece)
    files = {part: write_model(folder / f"{key}.{part}.onnx", float(right + i)) for i, part in enumerate(parts)}
    with open_run(registry.uri, registry.experiment(FAMILY), key) as run:
        return register(registry, run, files, card(run.run_id, dict(result.metrics), parts), result, TEST_HASH)


def add_adopted(registry: Registry, folder: Path, name: str, right: int = 150) -> Version:
    """A challenger that was trained elsewhere: no parameters, no data."""
    result = evaluation(right)
    files = {"model": write_model(folder / f"{name}.model.onnx", float(right))}
    with open_run(registry.uri, registry.experiment(FAMILY), name) as run:
        own = card(run.run_id, dict(result.metrics))
        adoption = Adoption(sha256="5" * 64, name=name, differences=())
        own = own.model_copy(update={"lineage": own.lineage.model_copy(update={"adopted": adoption, "data": {}})})
        return register(registry, run, files, own, result, TEST_HASH)


def process_environment() -> dict[str, str]:
    """Environment of a subprocess that imports this module."""
    root = Path(__file__).parents[2]
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), str(root / "src")])}
