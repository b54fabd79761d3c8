"""Runs of a lifecycle and a gate on a catalog in memory, for families that exist in one test only."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Pipeline
from kedro.runner import SequentialRunner

from atelier.data.prepared.dataset import PreparedData
from atelier.registry.models import Registry
from pipelines.datasets import PathDataset, StateDataset
from pipelines.lifecycle.contracts import FamilySettings
from pipelines.lifecycle.pipeline import STEPS, output_name


def run_nodes(
    pipeline: Pipeline,
    name: str,
    settings: FamilySettings,
    registry: Registry,
    points: Path,
    models: Path,
    judges: Iterable[str] = (),
) -> Any:
    """Run a pipeline of the family `name`, which learns from the data set `points`.

    Parameters
    ----------
    points
        Folder of the prepared data set.
    models
        Folder for the jobs; verdicts are written beside it.
    judges
        The judging families.

    Returns
    -------
    dict or None
        The verdict of the gate.
    """
    folder = models / name
    catalog = DataCatalog(
        {
            f"params:{name}": MemoryDataset(settings),
            "tuned": MemoryDataset({name: {}}),
            "registry": MemoryDataset(Registry(registry.uri), copy_mode="assign"),
            "points_raw": MemoryDataset(points),
            "points_prepared": MemoryDataset(PreparedData(points), copy_mode="assign"),
            "params:folders.models": MemoryDataset(str(models)),
            f"{name}.job": PathDataset(str(folder / "job.json")),
            **{output_name(name, step): PathDataset(str(folder / product)) for step, (_, product) in STEPS.items()},
            **{f"{each}_verdict": StateDataset(str(models.parent / f"{each}.json")) for each in (name, *judges)},
        }
    )
    SequentialRunner().run(pipeline, catalog)
    return catalog.load(f"{name}_verdict")
