"""What the lifecycle calls, see `pipelines.lifecycle.contracts`. Each function imports the framework it needs."""

from pathlib import Path

from atelier.data.prepared.dataset import PreparedData
from atelier.evaluation.results import Evaluation
from atelier.model_card import ModelSpec
from atelier.onnx.model import OnnxModel
from pipelines.families.quickdraw_gan.settings import GanSettings
from pipelines.lifecycle.contracts import ExportReport, Judge, MetricLog
from pipelines.training.on_tensorflow.quiet import quiet_start


def train(quickdraw: PreparedData, settings: GanSettings, log: MetricLog, folder: Path) -> None:
    """Train to the end and leave the final checkpoint in `folder`, going on from what lies there."""
    with quiet_start():
        from pipelines.families.quickdraw_gan import training

    training.train(quickdraw, settings, log, folder)


def export(quickdraw: PreparedData, settings: GanSettings, folder: Path, target: Path) -> ExportReport:
    """Write the averaged generator of the final checkpoint in `folder` as an ONNX file and compare the two."""
    with quiet_start():
        from pipelines.families.quickdraw_gan import export

    return export.export(quickdraw, settings, folder, target)


def evaluate(
    quickdraw: PreparedData, model: OnnxModel, spec: ModelSpec, settings: GanSettings, quickdraw_classifier: Judge
) -> Evaluation:
    """Judge what the ONNX file draws against the test split, as the champion classifier sees both."""
    from pipelines.families.quickdraw_gan import evaluation

    return evaluation.evaluate(quickdraw, model, spec, settings, quickdraw_classifier)
