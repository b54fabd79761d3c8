"""What the lifecycle calls; see `pipelines.contracts`. Frameworks are imported by the function that needs them."""

from pathlib import Path

from atelier.card import ModelSpec
from atelier.data.prepared import PreparedData
from atelier.evaluation.result import Evaluation
from atelier.onnx.model import OnnxModel
from pipelines.contracts import Exported, Judge, MetricLog
from pipelines.on_tensorflow.quiet import quiet_start
from pipelines.quickdraw_gan.settings import GanSettings


def train(quickdraw: PreparedData, settings: GanSettings, log: MetricLog, folder: Path) -> None:
    """Train to the end and leave the final checkpoint in `folder`, going on from what lies there."""
    with quiet_start():
        from pipelines.quickdraw_gan import training

    training.train(quickdraw, settings, log, folder)


def export(quickdraw: PreparedData, settings: GanSettings, folder: Path, target: Path) -> Exported:
    """Write the averaged generator of the final checkpoint in `folder` as an ONNX file and compare the two."""
    with quiet_start():
        from pipelines.quickdraw_gan import export

    return export.export(quickdraw, settings, folder, target)


def evaluate(
    quickdraw: PreparedData, model: OnnxModel, spec: ModelSpec, settings: GanSettings, quickdraw_classifier: Judge
) -> Evaluation:
    """Judge what the ONNX file draws against the test split, as the champion classifier sees both."""
    from pipelines.quickdraw_gan import evaluation

    return evaluation.evaluate(quickdraw, model, spec, settings, quickdraw_classifier)
