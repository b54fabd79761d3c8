import hashlib
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from atelier.errors import BadInputError
from atelier.onnx.model_files import model_digest, model_files


def model(offset: float, within_branch: bool = False) -> onnx.ModelProto:
    """A graph that adds a vector to its input; in the branch of an `If` on request."""
    value, vector = helper.make_tensor_value_info, numpy_helper.from_array(np.full(8, offset, np.float32), "vector")
    out = value("y", TensorProto.FLOAT, [8])
    add = helper.make_node("Add", ["x", "vector"], ["y"])
    nodes, initializers = [add], [vector]
    if within_branch:
        branch = helper.make_graph([add], "branch", [], [out], [vector])
        nodes = [helper.make_node("If", ["always"], ["y"], then_branch=branch, else_branch=branch)]
        initializers = [numpy_helper.from_array(np.array(True), "always")]
    graph = helper.make_graph(nodes, "adder", [value("x", TensorProto.FLOAT, [8])], [out], initializers)
    return helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 18)])


def write(folder: Path, offset: float = 1, location: str = "model.data", within_branch: bool = False) -> Path:
    """The model with its weights in a file of their own."""
    folder.mkdir(exist_ok=True)
    path = folder / "model.onnx"
    onnx.save(model(offset, within_branch), path, save_as_external_data=True, location=location, size_threshold=0)
    return path


def test_a_model_of_one_file_has_the_hash_of_the_file(tmp_path: Path) -> None:
    onnx.save(model(1), tmp_path / "model.onnx")
    assert model_files(tmp_path / "model.onnx") == (tmp_path / "model.onnx",)
    assert model_digest(tmp_path / "model.onnx") == hashlib.sha256((tmp_path / "model.onnx").read_bytes()).hexdigest()


@pytest.mark.parametrize("within_branch", [False, True])
def test_weights_in_a_file_of_their_own_are_part_of_the_hash(tmp_path: Path, within_branch: bool) -> None:
    first = write(tmp_path / "first", 1, within_branch=within_branch)
    second = write(tmp_path / "second", 2, within_branch=within_branch)
    same = write(tmp_path / "same", 1, within_branch=within_branch)
    assert first.read_bytes() == second.read_bytes()
    assert model_digest(first) == model_digest(same) != model_digest(second)
    assert model_files(first) == (first, first.with_name("model.data"))


def test_a_missing_file_of_weights_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = write(tmp_path, location="weights.bin")
    (tmp_path / "weights.bin").unlink()
    with pytest.raises(BadInputError, match=r"no file .*weights\.bin\. Put it there.*one_file\.onnx"):
        model_digest(path)


@pytest.mark.parametrize("location", ["../model.data", "/etc/hostname"])
def test_weights_elsewhere_are_not_read(tmp_path: Path, location: str) -> None:
    path = write(tmp_path / "model")
    proto = onnx.load(path, load_external_data=False)
    proto.graph.initializer[0].external_data[0].value = location
    path.write_bytes(proto.SerializeToString())
    with pytest.raises(BadInputError, match=r"not beside it\. Export the model again as one file, or with") as raised:
        model_files(path)
    assert "onnx.load" not in str(raised.value)  # it refuses this model too


def test_a_file_that_is_no_model_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_text("no model")
    with pytest.raises(BadInputError, match="not an ONNX model"):
        model_files(tmp_path / "model.onnx")
