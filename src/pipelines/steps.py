"""What each step of a lifecycle does, for any family."""

from atelier.data.prepared import PreparedData
from atelier.errors import AtelierError
from pipelines.job import Job

Data = dict[str, PreparedData]


def train(job: Job, data: Data) -> None:
    """Train to the end, from the last checkpoint on, with every epoch in MLflow."""
    with job.run(data) as run:
        job.nodes.train(**data, settings=job.settings, log=run.log, folder=job.folder / "checkpoint")


def export(job: Job, data: Data) -> None:
    """Write the ONNX file, and refuse one that answers differently from the network it was made from."""
    target = job.folder / "model.onnx"
    exported = job.nodes.export(**data, settings=job.settings, folder=job.folder / "checkpoint", target=target)
    tolerance = job.settings.gate.budgets.parity
    if not exported.parity <= tolerance:
        raise AtelierError(
            f"{job.state.family}: the exported file differs from the network by {exported.parity:.2g}, more than "
            f"gate.budgets.parity = {tolerance:.2g}. Look at the export, or raise the budget knowingly."
        )
    (job.folder / "exported.json").write_text(exported.model_dump_json(indent=2) + "\n", encoding="utf-8")
