from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from atelier.errors import BadInputError
from atelier.onnx.foreign import PREFIX, ForeignModel, last_activations
from atelier.onnx.model import OnnxModel


def write(path: Path, batch: int | str, opset: int = 18) -> Path:
    """A classifier with a constant `Reshape`: (batch, 2, 2) → (batch, 4) → hidden (batch, 4) → scores (batch, 3)."""
    first = batch if isinstance(batch, int) else -1
    constants = {
        "shape": np.array([first, 4], np.int64),
        "hidden_weights": np.eye(4, dtype=np.float32),
        "weights": np.arange(12, dtype=np.float32).reshape(4, 3),
        "bias": np.ones(3, np.float32),
    }
    nodes = [
        helper.make_node("Reshape", ["x", "shape"], ["row"]),
        helper.make_node("MatMul", ["row", "hidden_weights"], ["linear"]),
        helper.make_node("Relu", ["linear"], ["hidden"]),
        helper.make_node("MatMul", ["hidden", "weights"], ["product"]),
        helper.make_node("Add", ["product", "bias"], ["scores"]),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "classifier",
        [value("x", TensorProto.FLOAT, [batch, 2, 2])],
        [value("scores", TensorProto.FLOAT, [batch, 3])],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    onnx.save(helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", opset)]), path)
    return path


@pytest.mark.parametrize("batch", [1, 4, "n"])
def test_a_fixed_batch_becomes_dynamic(tmp_path: Path, batch: int | str) -> None:
    model = ForeignModel.read(write(tmp_path / "model.onnx", batch))
    assert model.fixed_batch == (batch if isinstance(batch, int) else None)
    images = np.random.default_rng(0).random((4, 2, 2), np.float32)
    adapted = OnnxModel(model.with_dynamic_batch().SerializeToString())
    for size in (1, 3, 4):
        (scores,) = adapted(**{f"{PREFIX}x": images[:size]}).values()
        expected = images[:size].reshape(size, 4) @ np.arange(12, dtype=np.float32).reshape(4, 3) + 1
        np.testing.assert_allclose(scores, expected, rtol=1e-5)


def test_the_interface_and_the_weights_are_read(tmp_path: Path) -> None:
    model = ForeignModel.read(write(tmp_path / "model.onnx", "n"))
    assert [(each.name, each.dtype, each.shape) for each in model.inputs] == [("x", "float32", ("n", 2, 2))]
    assert model.parameters == 16 + 12 + 3


def test_the_activations_are_what_the_last_linear_layer_reads(tmp_path: Path) -> None:
    proto = ForeignModel.read(write(tmp_path / "model.onnx", "n")).proto
    assert last_activations(proto, "scores") == "hidden"
    assert last_activations(proto, "hidden") == "hidden"  # Relu is no part of a last linear layer


def test_a_file_that_cannot_be_run_says_why(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="There is no file"):
        ForeignModel.read(tmp_path / "absent.onnx")
    with pytest.raises(BadInputError, match="is not an ONNX model that ONNX Runtime runs here"):
        ForeignModel.read(write(tmp_path / "model.onnx", "n", opset=99))
