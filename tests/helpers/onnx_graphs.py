"""Tiny hand-made ONNX files."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from atelier.model_card import ModelSpec, PartSpec, Tensor
from atelier.preprocessing.spec import DrawingInput


def write_model(path: Path, factor: float = 2.0) -> Path:
    """An ONNX file that multiplies its input by `factor`."""
    value = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 1])  # noqa: E731
    graph = helper.make_graph(
        [helper.make_node("Mul", ["x", "factor"], ["y"])],
        "multiply",
        [value("x")],
        [value("y")],
        [numpy_helper.from_array(np.array([[factor]], np.float32), "factor")],
    )
    onnx.save(helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 18)]), path)
    return path


def multiplier_spec(parts: Iterable[str] = ("model",)) -> ModelSpec:
    """The interface of a model of drawings, each of whose parts is a file of `write_model`."""
    x, y = (Tensor(name=name, dtype="float32", shape=("batch", 1)) for name in ("x", "y"))
    return ModelSpec(
        parts={part: PartSpec(inputs=(x,), outputs=(y,)) for part in parts},
        preprocessing=DrawingInput(),
        intended_use="Doubling.",
        limits="None.",
    )


def generator_model(
    nodes: list[onnx.NodeProto], constants: Mapping[str, np.ndarray], noise_size: int, height: int = 28, width: int = 28
) -> onnx.ModelProto:
    """A model with a generator's interface: `nodes` compute `image` from `noise` and `label`."""
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "generator",
        [value("noise", TensorProto.FLOAT, ["batch", noise_size]), value("label", TensorProto.INT64, ["batch"])],
        [value("image", TensorProto.FLOAT, ["batch", height, width, 1])],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()],
    )
    return helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 18)])


def write_generator(path: Path, images: np.ndarray, noise_size: int) -> Path:
    """An ONNX generator that returns `images[i]` for label `i`, plus the mean of the noise.

    Parameters
    ----------
    images
        float32 (labels, height, width, 1).
    """
    height, width = images.shape[1:3]
    nodes = [
        helper.make_node("Gather", ["images", "label"], ["drawing"], axis=0),
        helper.make_node("ReduceMean", ["noise", "axis"], ["mean"], keepdims=1),
        helper.make_node("Reshape", ["mean", "column"], ["brightness"]),
        helper.make_node("Add", ["drawing", "brightness"], ["image"]),
    ]
    constants = {
        "images": images.astype(np.float32),
        "axis": np.array([1], np.int64),
        "column": np.array([-1, 1, 1, 1], np.int64),
    }
    onnx.save(generator_model(nodes, constants, noise_size, height, width), path)
    return path


def generator_spec(labels: tuple[str, ...], noise_size: int, size: int = 28) -> ModelSpec:
    """The interface of a file of `write_generator`."""
    return ModelSpec.single(
        inputs=(
            Tensor(name="noise", dtype="float32", shape=("batch", noise_size), unit="standard deviations"),
            Tensor(name="label", dtype="int64", shape=("batch",)),
        ),
        outputs=(Tensor(name="image", dtype="float32", shape=("batch", size, size, 1), range=(0, 1)),),
        preprocessing=DrawingInput(size=size),
        labels=labels,
        intended_use="Tests.",
        limits="Everything else.",
    )
