"""The steps of a lifecycle, for any family."""

import json
import logging
import os
from collections.abc import Callable, Mapping
from typing import Any

from atelier.data.prepared.dataset import PreparedData
from atelier.errors import AtelierError
from atelier.evaluation.results import Evaluation
from atelier.model_card import ModelCard
from atelier.onnx.benchmark import measure_parts
from atelier.onnx.parts import open_parts, part_files
from atelier.registry import registration
from atelier.registry.report import facts
from atelier.registry.tracking import lineage
from atelier.registry.tracking.run import Run
from atelier.registry.tracking.system_metrics import system_metrics
from atelier.settings import Settings
from pipelines.lifecycle import judges
from pipelines.lifecycle.contracts import ExportReport, FamilyInputs
from pipelines.lifecycle.job import Job

Step = Callable[[Job, Run, FamilyInputs], None]

log = logging.getLogger(__name__)


class EvaluationRecord(Settings):
    """The judges and the data of an evaluation.

    They are stored, because they may have changed when a killed run is resumed.
    """

    judges: dict[str, str]
    """Judging family → version number of its champion."""
    test_hash: str
    """Only results with the same hash are comparable, see `judges.test_hash`."""


def train(job: Job, run: Run, inputs: FamilyInputs) -> None:
    """Train, resuming from the last checkpoint. Each epoch is logged to MLflow and printed as one line."""
    used = _processor_seconds()

    def record(metrics: Mapping[str, float], epoch: int, images: Mapping[str, bytes] | None = None) -> None:
        nonlocal used
        before, used = used, _processor_seconds()
        run.log({**metrics, facts.PROCESSOR_TIME: used - before}, epoch)
        run.log_images(images or {}, epoch)
        log.info("epoch %d: %s", epoch, ", ".join(f"{name} {value:.4g}" for name, value in metrics.items()))

    with system_metrics(run):
        job.family.train(inputs, job.settings, record, job.folder / "checkpoint")


def export(job: Job, run: Run, inputs: FamilyInputs) -> None:  # noqa: ARG001  all steps have one signature
    """Write the ONNX files.

    Raises
    ------
    AtelierError
        When the outputs of a file differ from those of the network by more than `gate.budgets.parity`.
    """
    report = job.family.export(inputs, job.settings, job.folder / "checkpoint", job.folder / "model.onnx")
    part_files(job.folder, report.spec.parts)  # raises an error when one is missing
    budget = job.settings.gate.budgets.parity
    for part, parity in report.parity.items():
        if not parity <= budget:
            raise AtelierError(
                f"{job.name}: the outputs of {part}.onnx differ from those of the network by {parity:.2g}, more than "
                f"gate.budgets.parity = {budget:.2g}. Check the export, or raise the budget if the difference is fine."
            )
    (job.folder / "exported.json").write_text(report.model_dump_json(indent=2) + "\n", encoding="utf-8")


def evaluate(job: Job, run: Run, inputs: FamilyInputs) -> None:
    """Evaluate the ONNX files on the test split, with the champions of the judging families."""
    registry = job.registry(run.client)
    champions = judges.champions(registry, job.name)
    spec = _export_report(job).spec
    parts = open_parts(part_files(job.folder, spec.parts), threads=0)
    loaded = judges.load_judges(registry, champions)
    evaluation = job.family.evaluate(inputs, **parts, spec=spec, settings=job.settings, **loaded)
    evaluation.write(job.folder / "evaluation")
    values = {name: metric.value for name, metric in evaluation.metrics.items() if name in job.settings.gate.rules}
    (job.folder / "metrics.json").write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")  # for DVC
    record = EvaluationRecord(
        judges=judges.version_numbers(champions),
        test_hash=judges.test_hash(job.name, inputs, champions, job.settings),
    )
    (job.folder / "evaluation.json").write_text(record.model_dump_json(indent=2) + "\n", encoding="utf-8")


def register(job: Job, run: Run, inputs: FamilyInputs) -> None:
    """Register files, card and test results as a new version with the alias challenger."""
    evaluation = Evaluation.read(job.folder / "evaluation")
    report = _export_report(job)
    files = part_files(job.folder, report.spec.parts)
    record = EvaluationRecord.model_validate_json((job.folder / "evaluation.json").read_text(encoding="utf-8"))
    card = ModelCard(
        family=job.name,
        spec=report.spec,
        metrics=dict(evaluation.metrics),
        cost=measure_parts(files, report.spec),
        parity=report.parity,
        parameters=report.parameters,
        lineage=lineage.trace(run.run_id, run.experiment, inputs.manifests(), record.judges, job.state.git),
    )
    facts.log_statistics(run, _training_images(inputs))
    version = registration.register(job.registry(run.client), run, files, card, evaluation, record.test_hash)
    card.model_copy(update={"version": str(version.number)}).write(job.folder / "card.json")
    (job.folder / "version.json").write_text(version.model_dump_json(indent=2) + "\n", encoding="utf-8")


def _processor_seconds() -> float:
    """Processor time of this process and of its finished children so far, over all cores."""
    return sum(os.times()[:4])


def _training_images(inputs: FamilyInputs) -> dict[str, Any]:
    """Data set → the images of its training split, not read yet."""
    splits = {name: each.split("train") for name, each in inputs.named().items() if isinstance(each, PreparedData)}
    return {name: split["image"] for name, split in splits.items() if "image" in split}


def _export_report(job: Job) -> ExportReport:
    return ExportReport.model_validate_json((job.folder / "exported.json").read_text(encoding="utf-8"))
