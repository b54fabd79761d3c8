"""What the lifecycle calls; see `pipelines.contracts`. Frameworks are imported by the function that needs them."""

from pathlib import Path

from atelier.card import ModelSpec
from atelier.data.prepared import PreparedData
from atelier.evaluation.result import Evaluation
from atelier.onnx.model import OnnxModel
from atelier.perceptual.asset import Perceptual
from pipelines.contracts import Exported, MetricLog
from pipelines.fast_style.settings import FastStyleSettings
from pipelines.on_tensorflow.quiet import quiet_start


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
        from pipelines.fast_style import training

    training.train(coco, van_gogh, perceptual, settings, log, folder)


def export(
    coco: PreparedData,
    van_gogh: PreparedData,
    perceptual: Perceptual,
    settings: FastStyleSettings,
    folder: Path,
    target: Path,
) -> Exported:
    """Write the network of the final checkpoint in `folder` as an ONNX file and compare the two."""
    with quiet_start():
        from pipelines.fast_style import export

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
    from pipelines.fast_style import evaluation

    return evaluation.evaluate(coco, van_gogh, perceptual, model, spec, settings)
