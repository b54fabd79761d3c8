"""A champion of the photo classifier: the class is the strongest channel."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from atelier.model_card import ModelCard, ModelSpec, Tensor
from atelier.preprocessing.images import Fit
from atelier.preprocessing.spec import PhotoInput
from tests.helpers.classifier_champion import make_card

FAMILY = "photo_classifier"
LABELS = ("red", "green", "blue")
SIZE = 48
UNSURE_BELOW = 0.6


def write_model(path: Path) -> None:
    """Softmax over the mean of each channel, divided by 20. The familiarity is the largest probability."""
    constants = {"scale": np.float32(20), "axes": np.array([1, 2], np.int64), "classes": np.array([1], np.int64)}
    nodes = [
        helper.make_node("Cast", ["image"], ["levels"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["levels", "axes"], ["features"], keepdims=0),
        helper.make_node("Div", ["features", "scale"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
        helper.make_node("ReduceMax", ["probabilities", "classes"], ["familiarity"], keepdims=0),
    ]
    photo = ["batch", "height", "width", 3]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, photo)],
        [
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 3]),
            helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", 3]),
            helper.make_tensor_value_info("familiarity", TensorProto.FLOAT, ["batch"]),
        ],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10), str(path))


def photo_card(version: str = "1", fit: Fit = "crop") -> ModelCard:
    photo = ("batch", "height", "width", 3)
    spec = ModelSpec.single(
        inputs=(Tensor(name="image", dtype="uint8", shape=photo, range=(0, 255), unit="grey level"),),
        outputs=(
            Tensor(name="probabilities", dtype="float32", shape=("batch", 3), range=(0, 1), unit="probability"),
            Tensor(name="features", dtype="float32", shape=("batch", 3)),
            Tensor(name="familiarity", dtype="float32", shape=("batch",)),
        ),
        preprocessing=PhotoInput(size=(SIZE, SIZE), fit=fit),
        labels=LABELS,
        typical_sizes={"height": SIZE, "width": SIZE},
        unsure_below=UNSURE_BELOW,
        intended_use="Tests of the service.",
        limits="Knows three colors.",
    )
    return make_card(version).model_copy(update={"family": FAMILY, "spec": spec})


def write_photo_champion(folder: Path, version: str = "1", fit: Fit = "crop") -> Path:
    """`model.onnx` and `card.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    write_model(folder / "model.onnx")
    photo_card(version, fit).write(folder / "card.json")
    return folder
