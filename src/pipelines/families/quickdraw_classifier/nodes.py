"""What the lifecycle calls, see `pipelines.lifecycle.contracts`. Each function imports the framework it needs."""

from pathlib import Path

from atelier.data.prepared.dataset import PreparedData
from atelier.evaluation.results import Evaluation
from atelier.model_card import ModelSpec
from atelier.onnx.model import OnnxModel
from pipelines.families.quickdraw_classifier.settings import ClassifierSettings
from pipelines.lifecycle.contracts import ExportReport, MetricLog


def train(quickdraw: PreparedData, settings: ClassifierSettings, log: MetricLog, folder: Path) -> None:
    """Train to the end and leave the final checkpoint in `folder`, going on from what lies there."""
    from pipelines.families.quickdraw_classifier import training

    training.train(quickdraw, settings, log, folder)


def export(quickdraw: PreparedData, settings: ClassifierSettings, folder: Path, target: Path) -> ExportReport:
    """Write the final checkpoint in `folder` as an ONNX file and compare it with the network on test drawings."""
    from pipelines.families.quickdraw_classifier import export

    return export.export(quickdraw, settings, folder, target)


def evaluate(quickdraw: PreparedData, model: OnnxModel, spec: ModelSpec, settings: ClassifierSettings) -> Evaluation:
    """Judge the ONNX file on the test split."""
    from pipelines.families.quickdraw_classifier import evaluation

    return evaluation.evaluate(quickdraw, model, spec, settings)
