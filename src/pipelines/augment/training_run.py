"""One training of the experiment: a lifecycle of the classifier on mixed data, in a folder of its own.

data/<env>/augment/runs/<key>/          as `pipelines.lifecycle.job` says, and
    run.json                            what a worker process needs to know besides the job
"""

import shutil
from pathlib import Path
from typing import Any, Self

from atelier.atomic_files import write_atomically
from atelier.data.prepared.dataset import PreparedData
from atelier.evaluation.results import Evaluation
from atelier.registry.tracking.run import Run, attach
from atelier.settings import Settings
from pipelines.augment.generated_drawings import GeneratedDrawings
from pipelines.augment.mixed_data import MixedData
from pipelines.lifecycle.job import Job
from pipelines.lifecycle.pipeline import STEPS

FILE = "run.json"


class TrainingRun(Settings):
    """The three parameters in which the trainings of an experiment differ."""

    size: int | None
    """Real training drawings a class; None: all."""
    generated: bool
    """Whether the generated drawings are added."""
    seed: int | None
    """Of the training; None: the one in the classifier's parameters."""

    def __str__(self) -> str:
        with_or_without = "with" if self.generated else "without"
        return f"{size_as_text(self.size)} drawings a class, {with_or_without} generated ones, seed {self.seed}"


class RunSpec(Settings):
    """What a worker process needs to know of a training besides its job."""

    name: str
    """Of its MLflow run."""
    training_run: TrainingRun
    data: dict[str, Path]
    """Prepared data set → its folder."""
    mixed: str
    """The data set of which `size` and `generated` choose the training drawings."""
    generated: Path
    """File of the generated drawings."""
    champions: dict[str, str]
    """The champions that made the generated drawings: role (`generator`, `filter`) → version."""
    run_id: str
    """MLflow run of the experiment, the parent of this one."""
    last: str
    """The last step of the lifecycle that is run."""

    def open_data(self) -> dict[str, PreparedData]:
        data = {name: PreparedData(folder) for name, folder in self.data.items()}
        generated = GeneratedDrawings.read(self.generated) if self.training_run.generated else None
        return {**data, self.mixed: MixedData(data[self.mixed], self.training_run.size, generated, self.champions)}

    def write(self, folder: Path) -> None:
        write_atomically(folder / FILE, self.model_dump_json(indent=2) + "\n")

    @classmethod
    def read(cls, folder: Path) -> Self:
        return cls.model_validate_json((folder / FILE).read_text(encoding="utf-8"))


def size_as_text(size: int | None) -> str:
    """The number of real drawings a class, or `all`."""
    return "all" if size is None else str(size)


def is_finished(folder: Path) -> bool:
    """Whether all steps of the training in this folder are done."""
    return Job.open(folder).is_done(RunSpec.read(folder).last)


def run_trainings(*folders: str) -> None:
    """Finish the trainings in these folders, one after another; this is what a worker process does."""
    for folder in folders:
        run_training(Path(folder))


def run_training(folder: Path) -> None:
    """Run the steps of the training in this folder that are not done yet."""
    job, spec = Job.open(folder), RunSpec.read(folder)
    data = spec.open_data()
    with start_run(attach(job.state.tracking_uri, spec.run_id), job, spec, data) as run:
        for step, (do, _) in STEPS.items():
            if not job.is_done(step):
                do(job, run, job.family.inputs(data))
                job.mark_done(step)
            if step == spec.last:
                break


def start_run(experiment: Run, job: Job, spec: RunSpec, data: dict[str, PreparedData]) -> Run:
    """The MLflow run of a training, a child of the experiment's, with its parameters and data logged."""
    run = experiment.child(spec.name)
    parameters: dict[str, Any] = {"augment": {**spec.training_run.model_dump(), **spec.champions}}
    run.describe({**parameters, **job.state.settings}, {name: prepared.manifest for name, prepared in data.items()})
    return run


def read_evaluation(folder: Path) -> Evaluation:
    """Test results of a finished training."""
    return Evaluation.read(folder / "evaluation")


def remove_weights(folder: Path) -> None:
    """Remove checkpoint, model and images of a finished training; its test results stay, and a challenger's model."""
    shutil.rmtree(folder / "checkpoint", ignore_errors=True)
    for name in ("pictures", "tables"):
        shutil.rmtree(folder / "evaluation" / name, ignore_errors=True)
    if RunSpec.read(folder).last == "evaluate":
        (folder / "model.onnx").unlink(missing_ok=True)
