"""What the lifecycle calls, see `pipelines.lifecycle.contracts`. Each function imports the framework it needs."""

from pathlib import Path

from atelier.data.prepared.dataset import PreparedData
from atelier.evaluation.results import Evaluation
from atelier.model_card import ModelSpec
from atelier.onnx.model import OnnxModel
from atelier.pretrained.perceptual.asset import Perceptual
from pipelines.families.fast_style.settings import FastStyleSettings
from pipelines.lifecycle.contracts import ExportReport, MetricLog
from pipelines.training.on_tensorflow.quiet import quiet_start


def train(
    coco: PreparedData,
    van_gogh: PreparedData,
    perceptual: Perceptual,
    settings: FastStyleSettings,
    log: MetricLog,
    folder: Path,
) -> None:
    """Train to the end and leave the final checkpoint in `folder`, going on from what lies there."""
    with quiet_start():
        from pipelines.families.fast_style import training

    training.train(coco, van_gogh, perceptual, settings, log, folder)


def export(
    coco: PreparedData,
    van_gogh: PreparedData,
    perceptual: Perceptual,
    settings: FastStyleSettings,
    folder: Path,
    target: Path,
) -> ExportReport:
    """Write the network of the final checkpoint in `folder` as an ONNX file and compare the two."""
    with quiet_start():
        from pipelines.families.fast_style import export

    return export.export(coco, van_gogh, perceptual, settings, folder, target)


def evaluate(
    coco: PreparedData,
    van_gogh: PreparedData,
    perceptual: Perceptual,
    model: OnnxModel,
    spec: ModelSpec,
    settings: FastStyleSettings,
) -> Evaluation:
    """Judge what the ONNX file makes of the test photos."""
    from pipelines.families.fast_style import evaluation

    return evaluation.evaluate(coco, van_gogh, perceptual, model, spec, settings)
