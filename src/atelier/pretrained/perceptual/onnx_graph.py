"""Build the ONNX graph of a perceptual network directly, without the exporter of a framework."""

from collections.abc import Iterable

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from atelier.pretrained.perceptual.layers import IMAGE, Architecture, Concat, Conv, Layer
from atelier.pretrained.weights import Weights

OPSET, IR = 18, 10


def to_onnx(architecture: Architecture, weights: Weights, outputs: Iterable[str] | None = None) -> bytes:
    """The network as a serialized ONNX model with an output for each of the given layers.

    Input `image`, float32 (batch, height, width, 3), RGB from 0 to 255, any size of at least `architecture.min_side`.
    One output per layer, with its name, float32 (batch, channels, height, width).

    Parameters
    ----------
    outputs
        Names of layers; None: the style layers and the content layer.
    """
    outputs = tuple(architecture.feature_layers if outputs is None else outputs)
    layers = architecture.required_layers(outputs)
    channels = architecture.channels
    graph = helper.make_graph(
        [*_preprocessing(), *(node for layer in layers for node in _nodes(layer))],
        architecture.name,
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", "height", "width", 3])],
        [_output_info(name, channels[name]) for name in outputs],
        [numpy_helper.from_array(array, name) for name, array in _constants(architecture, layers, weights)],
    )
    model = helper.make_model(graph, ir_version=IR, opset_imports=[helper.make_opsetid("", OPSET)])
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


def _output_info(name: str, channels: int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", channels, None, None])


def _preprocessing() -> list[onnx.NodeProto]:
    return [
        helper.make_node("Sub", ["image", "mean"], ["centred"]),
        helper.make_node("Transpose", ["centred"], [_value(IMAGE)], perm=[0, 3, 1, 2]),
    ]


def _value(layer: str) -> str:
    return "channels_first" if layer == IMAGE else layer


def _nodes(layer: Layer) -> list[onnx.NodeProto]:
    sources = [_value(source) for source in layer.sources]
    if isinstance(layer, Concat):
        return [helper.make_node("Concat", sources, [layer.name], axis=1)]
    size, stride = [layer.size] * 2, [layer.stride] * 2
    if isinstance(layer, Conv):
        before, pads = f"{layer.name}.linear", [layer.size // 2 * layer.padded] * 4
        named = [*sources, f"{layer.name}.weight", f"{layer.name}.bias"]
        return [
            helper.make_node("Conv", named, [before], kernel_shape=size, strides=stride, pads=pads),
            helper.make_node("Relu", [before], [layer.name]),
        ]
    pool = helper.make_node(
        "MaxPool", sources, [layer.name], kernel_shape=size, strides=stride, ceil_mode=int(layer.ceil_mode)
    )
    return [pool]


def _constants(
    architecture: Architecture, layers: Iterable[Layer], weights: Weights
) -> list[tuple[str, NDArray[np.float32]]]:
    names = [f"{layer.name}.{part}" for layer in layers if isinstance(layer, Conv) for part in ("weight", "bias")]
    return [("mean", np.array(architecture.mean, np.float32)), *((name, weights[name]) for name in names)]
