"""Evaluation of the exported parts on test faces."""

from atelier.evaluation.faces.evaluate import evaluate_faces
from atelier.evaluation.results import Evaluation
from atelier.model_card import ModelSpec
from atelier.onnx.model import OnnxModel
from atelier.predictors.face_editor import FaceEditor
from pipelines.families.psp.settings import PspInputs, PspSettings


def evaluate(
    inputs: PspInputs,
    encoder: OnnxModel,
    decoder: OnnxModel,
    mapping: OnnxModel,
    spec: ModelSpec,
    settings: PspSettings,
    detector: OnnxModel | None = None,  # noqa: ARG001  test faces are aligned already
) -> Evaluation:
    """Reconstruct and edit test faces; see `evaluate_faces` for the metrics."""
    editor = FaceEditor(encoder, decoder, spec)
    return evaluate_faces(editor, mapping, inputs.faces, inputs.perceptual, inputs.face_judges, settings.evaluation)
