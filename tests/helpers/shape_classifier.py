"""A judge of the three shapes of `tests.helpers.shapes`: a linear classifier as an ONNX file."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from atelier.model_card import ModelSpec
from atelier.onnx.model import OnnxModel
from pipelines.lifecycle.contracts import Judge
from tests.helpers.shapes import doodle


def noisy_shapes(label, count, seed):
    """Shapes with noise, so that no two are equal."""
    rng = np.random.default_rng([seed, label])
    shapes = np.stack([doodle(label, rng) for _ in range(count)])
    return np.clip(shapes * 0.8 + rng.normal(20, 20, shapes.shape), 0, 255).astype(np.uint8)


def shape_judge(*labels):
    """A classifier of the three shapes by least squares on pixels; its outputs have the given labels."""
    images = np.concatenate([noisy_shapes(label, 100, seed=9) for label in range(3)]).reshape(300, -1) / 255
    inputs = np.hstack([images, np.ones((300, 1))])
    weights = np.linalg.solve(inputs.T @ inputs + 3 * np.eye(785), inputs.T @ np.repeat(np.eye(3), 100, axis=0))
    shapes = np.random.default_rng(0).normal(0, 0.05, (784, 6))
    constants = {"white": 255, "w": 10 * weights[:-1], "b": 10 * weights[-1], "shapes": shapes}
    nodes = [
        helper.make_node("Cast", ["image"], ["levels"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["levels", "white"], ["ink"]),
        helper.make_node("Flatten", ["ink"], ["flat"]),
        helper.make_node("Gemm", ["flat", "w", "b"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"]),
        helper.make_node("MatMul", ["flat", "shapes"], ["features"]),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "judge",
        [value("image", TensorProto.UINT8, ["batch", 28, 28])],
        [value("probabilities", TensorProto.FLOAT, ["batch", 3]), value("features", TensorProto.FLOAT, ["batch", 6])],
        [numpy_helper.from_array(np.asarray(array, np.float32), name) for name, array in constants.items()],
    )
    file = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(file)
    spec = ModelSpec.single(inputs=(), outputs=(), labels=labels, intended_use="", limits="")
    return Judge("3", OnnxModel(file.SerializeToString()), spec)
