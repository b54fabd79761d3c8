"""A tiny champion that edits faces: eigenfaces of sample faces."""

import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from atelier.model_card import Cost, ModelCard
from atelier.preprocessing.faces import DETECTOR_SIDE
from atelier.pretrained.faces.detector import PART
from tests.helpers.classifier_champion import make_card
from tests.helpers.face_sets import LinearEditor, write_faces

FAMILY = "psp"


@cache
def linear_editor(components: int = 60) -> LinearEditor:
    return LinearEditor(write_faces(Path(mkdtemp()) / "faces"), components)


def face_card(editor: LinearEditor, version: str, alignment: str = "center") -> ModelCard:
    spec = editor.spec
    if alignment == "eyes":
        preprocessing = spec.preprocessing.model_copy(update={"alignment": "eyes"})
        parts = {**spec.parts, "detector": PART}
        spec = spec.model_copy(update={"preprocessing": preprocessing, "parts": parts})
    cost = Cost(latency_p50_ms=1.0, latency_p95_ms=1.0, size_mb=0.1)
    each = {"cost": dict.fromkeys(spec.parts, cost), "parity": dict.fromkeys(spec.parts, 0.0)}
    return make_card(version).model_copy(update={"family": FAMILY, "spec": spec, "metrics": {}, **each})


def write_face_champion(
    folder: Path,
    version: str = "1",
    alignment: str = "center",
    components: int = 60,
    detector: Path | None = None,
) -> Path:
    """The ONNX files and `card.json`. With the alignment `eyes` and no detector it has one that never finds a face."""
    folder.mkdir(parents=True, exist_ok=True)
    editor = linear_editor(components)
    editor.write(folder)
    if detector is not None:
        shutil.copy(detector, folder / "detector.onnx")
    elif alignment == "eyes":
        onnx.save(_blind_detector(), str(folder / "detector.onnx"))
    face_card(editor, version, alignment).write(folder / "card.json")
    return folder


def _blind_detector() -> onnx.ModelProto:
    value = helper.make_tensor_value_info
    constants = {"boxes": np.zeros((1, 896, 16), np.float32), "logits": np.full((1, 896, 1), -9, np.float32)}
    nodes = [helper.make_node("Identity", [a], [b]) for a, b in (("boxes", "regressors"), ("logits", "classificators"))]
    graph = helper.make_graph(
        nodes,
        "blind",
        [value("input", TensorProto.FLOAT, [1, DETECTOR_SIDE, DETECTOR_SIDE, 3])],
        [value("regressors", TensorProto.FLOAT, [1, 896, 16]), value("classificators", TensorProto.FLOAT, [1, 896, 1])],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    return helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 18)])
