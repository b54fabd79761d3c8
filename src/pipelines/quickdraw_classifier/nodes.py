"""What the lifecycle calls; see `pipelines.contracts`. Frameworks are imported by the function that needs them."""

from pathlib import Path

from atelier.card import ModelSpec
from atelier.data.prepared import PreparedData
from atelier.evaluation.result import Evaluation
from atelier.onnx.model import OnnxModel
from pipelines.contracts import Exported, MetricLog
from pipelines.quickdraw_classifier.settings import ClassifierSettings


def train(quickdraw: PreparedData, settings: ClassifierSettings, log: MetricLog, folder: Path) -> None:
    """Train to the end and leave the final checkpoint in `folder`, going on from what lies there."""
    from pipelines.quickdraw_classifier import training

    training.train(quickdraw, settings, log, folder)


def export(quickdraw: PreparedData, settings: ClassifierSettings, folder: Path, target: Path) -> Exported:
    """Write the final checkpoint in `folder` as an ONNX file and compare it with the network on test drawings."""
    from pipelines.quickdraw_classifier import export

    return export.export(quickdraw, settings, folder, target)


def evaluate(quickdraw: PreparedData, model: OnnxModel, spec: ModelSpec, settings: ClassifierSettings) -> Evaluation:
    """Judge the ONNX file on the test split."""
    from pipelines.quickdraw_classifier import evaluation

    return evaluation.evaluate(quickdraw, model, spec, settings)
