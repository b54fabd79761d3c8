"""A perceptual network as an ONNX graph, made by hand: no framework's exporter between description and file."""

from collections.abc import Iterable

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from atelier.pretrained.perceptual.layers import IMAGE, Architecture, Concat, Conv, Layer
from atelier.pretrained.perceptual.weights import Weights

OPSET, IR = 18, 10


def to_onnx(architecture: Architecture, weights: Weights, taps: Iterable[str] | None = None) -> bytes:
    """The network up to its taps.

    Input `image`, float32 (batch, height, width, 3), RGB from 0 to 255, any size of at least `architecture.smallest`.
    One output a tap, named after it, float32 (batch, channels, height, width).

    Parameters
    ----------
    taps
        Names of layers; those of style and content where None.
    """
    taps = tuple(architecture.taps if taps is None else taps)
    layers = architecture.needed(taps)
    channels = architecture.channels
    graph = helper.make_graph(
        [*_prepared(), *(node for layer in layers for node in _nodes(layer))],
        architecture.name,
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", "height", "width", 3])],
        [helper.make_tensor_value_info(tap, TensorProto.FLOAT, ["batch", channels[tap], None, None]) for tap in taps],
        [numpy_helper.from_array(array, name) for name, array in _constants(architecture, layers, weights)],
    )
    model = helper.make_model(graph, ir_version=IR, opset_imports=[helper.make_opsetid("", OPSET)])
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


def _prepared() -> list[onnx.NodeProto]:
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
        "MaxPool", sources, [layer.name], kernel_shape=size, strides=stride, ceil_mode=int(layer.cut)
    )
    return [pool]


def _constants(
    architecture: Architecture, layers: Iterable[Layer], weights: Weights
) -> list[tuple[str, NDArray[np.float32]]]:
    names = [f"{layer.name}.{part}" for layer in layers if isinstance(layer, Conv) for part in ("weight", "bias")]
    return [("mean", np.array(architecture.mean, np.float32)), *((name, weights[name]) for name in names)]
