"""What the lifecycle calls, see `pipelines.lifecycle.contracts`. Each function imports the framework it needs."""

from pathlib import Path

from atelier.data.prepared.dataset import PreparedData
from atelier.evaluation.results import Evaluation
from atelier.model_card import ModelSpec
from atelier.onnx.model import OnnxModel
from atelier.pretrained.perceptual.asset import Perceptual
from pipelines.families.arbitrary_style.settings import ArbitraryStyleSettings
from pipelines.lifecycle.contracts import ExportReport, MetricLog


def train(
    coco: PreparedData,
    landscapes: PreparedData,
    van_gogh: PreparedData,
    perceptual: Perceptual,
    settings: ArbitraryStyleSettings,
    log: MetricLog,
    folder: Path,
) -> None:
    """Train to the end and leave the final checkpoint in `folder`, going on from what lies there."""
    from pipelines.families.arbitrary_style import training

    training.train(coco, landscapes, van_gogh, perceptual, settings, log, folder)


def export(
    coco: PreparedData,
    landscapes: PreparedData,
    van_gogh: PreparedData,
    perceptual: Perceptual,
    settings: ArbitraryStyleSettings,
    folder: Path,
    target: Path,
) -> ExportReport:
    """Write the final checkpoint in `folder` as an ONNX file and compare it with the network on test images."""
    from pipelines.families.arbitrary_style import export

    return export.export(coco, landscapes, van_gogh, perceptual, settings, folder, target)


def evaluate(
    coco: PreparedData,
    landscapes: PreparedData,
    van_gogh: PreparedData,
    perceptual: Perceptual,
    model: OnnxModel,
    spec: ModelSpec,
    settings: ArbitraryStyleSettings,
) -> Evaluation:
    """Judge the ONNX file on test photos in the manner of test paintings."""
    from pipelines.families.arbitrary_style import evaluation

    return evaluation.evaluate(coco, landscapes, van_gogh, perceptual, model, spec, settings)
