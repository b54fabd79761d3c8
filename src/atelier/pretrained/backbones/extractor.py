"""Features of images from a backbone, with ONNX Runtime, for evaluation."""

from collections.abc import Iterable

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from atelier.errors import BadInputError
from atelier.onnx.model import OnnxModel
from atelier.pretrained.backbones.architectures import LITE0, Architecture, Block
from atelier.pretrained.backbones.asset import Backbone
from atelier.pretrained.weights import Weights

OPSET, IR = 18, 10
FEATURES = "features"


class BackboneExtractor:
    """The features from which a classifier would start: one vector per image.

    Parameters
    ----------
    backbone
        The network.
    threads
        Threads per call.
    """

    def __init__(self, backbone: Backbone, threads: int = 1) -> None:
        architecture = backbone.architecture
        if not isinstance(architecture, Architecture):
            raise BadInputError(
                f"{architecture.name} describes no images here: set backbone.fetch.network={LITE0.name}."
            )
        self._model = OnnxModel(to_onnx(architecture, backbone.weights), threads)

    def __call__(self, images: Iterable[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Images uint8 (height, width, 3) each, RGB, of any sizes → float32 (n, features)."""
        return np.concatenate([self._model(image=image[None].astype(np.float32))[FEATURES] for image in images])


def to_onnx(architecture: Architecture, weights: Weights) -> bytes:
    """The network without its classifier as a serialized ONNX model.

    Input `image`, float32 (batch, height, width, 3), RGB from 0 to 255, any size. Output `features`, float32
    (batch, features): means over the image.
    """
    graph = helper.make_graph(
        _nodes(architecture),
        architecture.name,
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", "height", "width", 3])],
        [helper.make_tensor_value_info(FEATURES, TensorProto.FLOAT, ["batch", architecture.head])],
        [numpy_helper.from_array(array, name) for name, array in _constants(architecture, weights).items()],
    )
    model = helper.make_model(graph, ir_version=IR, opset_imports=[helper.make_opsetid("", OPSET)])
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


def _constants(architecture: Architecture, weights: Weights) -> dict[str, NDArray[np.generic]]:
    return {
        "mean": np.full(3, 127, np.float32),
        "deviation": np.full(3, 128, np.float32),
        "zero": np.array(0, np.float32),
        "six": np.array(6, np.float32),
        "height and width": np.array([2, 3], np.int64),
        **{name: weights[name] for name in architecture.shapes},
    }


def _nodes(architecture: Architecture) -> list[NodeProto]:
    nodes = [
        helper.make_node("Sub", ["image", "mean"], ["centered"]),
        helper.make_node("Div", ["centered", "deviation"], ["scaled"]),
        helper.make_node("Transpose", ["scaled"], ["channels first"], perm=[0, 3, 1, 2]),
        *_convolution("channels first", "stem", stride=2),
    ]
    last = "stem"
    for block in (block for stage in architecture.stages for block in stage):
        nodes += _block(last, block)
        last = block.name
    nodes += _convolution(last, "head")
    return [*nodes, helper.make_node("ReduceMean", ["head", "height and width"], [FEATURES], keepdims=0)]


def _block(source: str, block: Block) -> list[NodeProto]:
    expand, depthwise, project = (f"{block.name}.{part}" for part in ("expand", "depthwise", "project"))
    nodes = _convolution(source, expand) if block.expansion > 1 else []
    nodes += _convolution(expand if nodes else source, depthwise, block.stride, groups=block.width)
    nodes += _convolution(depthwise, project, activation=False)
    if block.residual:
        return [*nodes, helper.make_node("Add", [source, project], [block.name])]
    return [*nodes, helper.make_node("Identity", [project], [block.name])]


def _convolution(source: str, name: str, stride: int = 1, groups: int = 1, activation: bool = True) -> list[NodeProto]:
    linear = f"{name}.linear" if activation else name
    inputs = [source, f"{name}.weight", f"{name}.bias"]
    node = helper.make_node("Conv", inputs, [linear], strides=[stride] * 2, group=groups, auto_pad="SAME_UPPER")
    return [node, helper.make_node("Clip", [linear, "zero", "six"], [name])] if activation else [node]
