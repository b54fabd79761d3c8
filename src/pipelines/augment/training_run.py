"""One training of the experiment: a lifecycle of the classifier on mixed data, in a folder of its own.

data/<env>/augment/cells/<key>/         as `pipelines.lifecycle.job` says, and
    plan.json                           what a worker process needs to know besides
"""

import shutil
from pathlib import Path
from typing import Any, Self

from atelier.atomic_files import write_atomically
from atelier.data.prepared.dataset import PreparedData
from atelier.evaluation.results import Evaluation
from atelier.registry.tracking.run import Run, attach
from atelier.settings import Settings
from pipelines.augment.generated import Generated
from pipelines.augment.mixed import MixedData
from pipelines.lifecycle.job import Job
from pipelines.lifecycle.pipeline import STEPS


class Cell(Settings):
    """What sets a training apart from the others."""

    size: int | None
    """Real training drawings a class; None: all."""
    generated: bool
    """Whether it gets the generated drawings, too."""
    seed: int | None
    """None: the classifier's own."""

    def __str__(self) -> str:
        with_or_without = "with" if self.generated else "without"
        return f"{size_name(self.size)} drawings a class, {with_or_without} generated ones, seed {self.seed}"


class Plan(Settings):
    """What a worker process needs to know of a cell besides its job."""

    name: str
    """Of its MLflow run."""
    cell: Cell
    data: dict[str, Path]
    """Prepared data set → its folder."""
    mixed: str
    """The data set that is cut to size and gets generated drawings."""
    generated: Path
    champions: dict[str, str]
    """What made and judged the generated drawings: role → version."""
    run_id: str
    """MLflow run of the experiment; the cell's is a child of it."""
    last: str = "evaluate"
    """The step with which the cell is finished."""

    def open_data(self) -> dict[str, PreparedData]:
        data = {name: PreparedData(folder) for name, folder in self.data.items()}
        generated = Generated.read(self.generated) if self.cell.generated else None
        return {**data, self.mixed: MixedData(data[self.mixed], self.cell.size, generated, self.champions)}

    def write(self, folder: Path) -> None:
        write_atomically(folder / "plan.json", self.model_dump_json(indent=2) + "\n")

    @classmethod
    def read(cls, folder: Path) -> Self:
        return cls.model_validate_json((folder / "plan.json").read_text(encoding="utf-8"))


def size_name(size: int | None) -> str:
    """How people name it."""
    return "all" if size is None else str(size)


def is_finished(folder: Path) -> bool:
    """Whether there is nothing left to do in a cell's folder."""
    return Job.open(folder).is_done(Plan.read(folder).last)


def work(folder: Path) -> None:
    """Do what is left to do in a cell's folder."""
    job, plan = Job.open(folder), Plan.read(folder)
    data = plan.open_data()
    with described(attach(job.state.tracking_uri, plan.run_id), job, plan, data) as run:
        for step, (do, _) in STEPS.items():
            if not job.is_done(step):
                do(job, run, job.family.inputs(data))
                job.mark_done(step)
            if step == plan.last:
                break


def described(experiment: Run, job: Job, plan: Plan, data: dict[str, PreparedData]) -> Run:
    """The cell's own run, with its parameters and data."""
    run = experiment.child(plan.name)
    parameters: dict[str, Any] = {"augment": {**plan.cell.model_dump(), **plan.champions}}
    run.describe({**parameters, **job.state.settings}, {name: prepared.manifest for name, prepared in data.items()})
    return run


def result(folder: Path) -> Evaluation:
    """Test results of a finished cell."""
    return Evaluation.read(folder / "evaluation")


def tidy(folder: Path) -> None:
    """Remove from a finished cell what nobody asks for any more; its results stay."""
    shutil.rmtree(folder / "checkpoint", ignore_errors=True)
    for pictures in (folder / "evaluation" / "pictures", folder / "evaluation" / "tables"):
        shutil.rmtree(pictures, ignore_errors=True)
    if Plan.read(folder).last == "evaluate":
        (folder / "model.onnx").unlink(missing_ok=True)
