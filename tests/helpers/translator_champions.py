"""Tiny champions with the interface of CycleGAN: the image inverted, or blurred by its neighbors."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from atelier.model_card import Cost, ModelCard, ModelSpec, PartSpec, Tensor
from atelier.preprocessing.spec import PhotoInput
from tests.helpers.classifier_champion import make_card

RESNET, UNET = "cyclegan_resnet", "cyclegan_unet"
_SHAPE = ("batch", "height", "width", 3)


def inverting_model() -> onnx.ModelProto:
    """255 - image."""
    nodes = [helper.make_node("Sub", ["white", "image"], ["picture"])]
    return _model(nodes, {"white": np.float32(255)})


def blurring_model(reach: int) -> onnx.ModelProto:
    """The mean of (2 · reach + 1)² pixels, with zeros beyond the border."""
    side = 2 * reach + 1
    nodes = [
        helper.make_node("Transpose", ["image"], ["first"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["first", "kernel"], ["mean"], group=3, pads=[reach] * 4),
        helper.make_node("Transpose", ["mean"], ["picture"], perm=[0, 2, 3, 1]),
    ]
    return _model(nodes, {"kernel": np.full((3, 1, side, side), 1 / side**2, np.float32)})


def translator_spec(reach: int | None = 4, multiple: int = 4) -> ModelSpec:
    image, picture = (
        Tensor(name=name, dtype="float32", shape=_SHAPE, range=(0.0, 255.0), unit="grey level")
        for name in ("image", "picture")
    )
    part = PartSpec(inputs=(image,), outputs=(picture,))
    return ModelSpec(
        parts={"to_painting": part, "to_photo": part},
        preprocessing=PhotoInput(reach=reach, multiple=multiple),
        labels=("Van Gogh",),
        typical_sizes={"height": 64, "width": 64},
        intended_use="Tests.",
        limits="Everything else.",
    )


def translator_card(family: str = RESNET, version: str = "1") -> ModelCard:
    cost = Cost(latency_p50_ms=1.0, latency_p95_ms=1.0, size_mb=0.1)
    changes = {
        "family": family,
        "spec": translator_spec(),
        "metrics": {},
        "cost": {"to_painting": cost, "to_photo": cost},
        "parity": {"to_painting": 0.0, "to_photo": 0.0},
    }
    return make_card(version).model_copy(update=changes)


def write_translator(folder: Path, family: str = RESNET, version: str = "1") -> Path:
    """The ONNX files and `card.json` of a champion that inverts images in both directions."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in ("to_painting", "to_photo"):
        onnx.save(inverting_model(), str(folder / f"{part}.onnx"))
    translator_card(family, version).write(folder / "card.json")
    return folder


def _model(nodes: list[onnx.NodeProto], constants: dict[str, np.ndarray]) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "translator",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, _SHAPE)],
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, _SHAPE)],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 18)])
    onnx.checker.check_model(model)
    return model
