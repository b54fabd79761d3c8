"""What each step of a lifecycle does, for any family."""

import logging
from collections.abc import Callable, Mapping

from atelier.errors import AtelierError
from atelier.evaluation.results import Evaluation
from atelier.model_card import ModelCard
from atelier.onnx.benchmark import measure_parts
from atelier.onnx.parts import open_parts, part_files
from atelier.registry import registration
from atelier.registry.models import Registry
from atelier.registry.tracking import lineage
from atelier.registry.tracking.run import Run
from atelier.settings import Settings
from pipelines.lifecycle import judges
from pipelines.lifecycle.contracts import ExportReport, Ingredient
from pipelines.lifecycle.job import Job

Data = Mapping[str, Ingredient]
Work = Callable[[Job, Run, Data], None]

log = logging.getLogger(__name__)


class Judged(Settings):
    """Under what a job was evaluated: kept, as all of it may be another when a killed run goes on later."""

    judges: dict[str, str]
    """Family → version number of the champion that was asked."""
    test_hash: str


def train(job: Job, run: Run, data: Data) -> None:
    """Train to the end, from the last checkpoint on, with every epoch in MLflow and a line of it on the screen."""

    def record(metrics: Mapping[str, float], epoch: int, pictures: Mapping[str, bytes] | None = None) -> None:
        run.log(metrics, epoch)
        run.log_images(pictures or {}, epoch)
        log.info("epoch %d: %s", epoch, ", ".join(f"{name} {value:.4g}" for name, value in metrics.items()))

    job.nodes.train(**data, settings=job.settings, log=record, folder=job.folder / "checkpoint")


def export(job: Job, run: Run, data: Data) -> None:  # noqa: ARG001  one signature for all steps
    """Write the ONNX file, and refuse one that answers differently from the network it was made from."""
    folder, target = job.folder / "checkpoint", job.folder / "model.onnx"
    exported = job.nodes.export(**data, settings=job.settings, folder=folder, target=target)
    part_files(job.folder, exported.spec.parts)  # raises where one is missing
    budget = job.settings.gate.budgets.parity
    for part, parity in exported.parity.items():
        if not parity <= budget:
            raise AtelierError(
                f"{job.name}: {part}.onnx differs from the network by {parity:.2g}, more than the "
                f"{budget:.2g} of gate.budgets.parity. Look at the export, or raise that budget knowingly."
            )
    (job.folder / "exported.json").write_text(exported.model_dump_json(indent=2) + "\n", encoding="utf-8")


def evaluate(job: Job, run: Run, data: Data) -> None:
    """Judge the ONNX file on the test split, together with the champions that judge the family."""
    registry = Registry(run.uri, run.client)
    asked = judges.champions(registry, job.name)
    spec = _exported(job).spec
    parts = open_parts(part_files(job.folder, spec.parts), threads=0)
    evaluation = job.nodes.evaluate(**data, **parts, spec=spec, settings=job.settings, **judges.seat(registry, asked))
    evaluation.write(job.folder / "evaluation")
    judged = Judged(judges=judges.numbers(asked), test_hash=judges.test_hash(data, asked, job.settings))
    (job.folder / "judged.json").write_text(judged.model_dump_json(indent=2) + "\n", encoding="utf-8")


def register(job: Job, run: Run, data: Data) -> None:
    """Make a version of file, card and test results, and name it challenger."""
    evaluation = Evaluation.read(job.folder / "evaluation")
    manifests = {name: prepared.manifest for name, prepared in data.items()}
    exported = _exported(job)
    files = part_files(job.folder, exported.spec.parts)
    judged = Judged.model_validate_json((job.folder / "judged.json").read_text(encoding="utf-8"))
    card = ModelCard(
        family=job.name,
        spec=exported.spec,
        metrics=dict(evaluation.metrics),
        cost=measure_parts(files, exported.spec),
        parity=exported.parity,
        parameters=exported.parameters,
        lineage=lineage.trace(run.run_id, run.experiment, manifests, judged.judges),
    )
    version = registration.register(run, files, card, evaluation, judged.test_hash)
    run.set_tag("mlflow.runName", f"v{version.number}")
    card.model_copy(update={"version": str(version.number)}).write(job.folder / "card.json")
    (job.folder / "version.json").write_text(version.model_dump_json(indent=2) + "\n", encoding="utf-8")


def _exported(job: Job) -> ExportReport:
    return ExportReport.model_validate_json((job.folder / "exported.json").read_text(encoding="utf-8"))
