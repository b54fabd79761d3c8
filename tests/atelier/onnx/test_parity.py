import numpy as np
import pytest

from atelier.errors import AtelierError
from atelier.onnx.model import OnnxModel
from atelier.onnx.parity import difference_over_batches, largest_difference
from tests.helpers.onnx_graphs import write_model


def test_largest_over_all_outputs():
    reference = {"a": np.array([1.0, 2.0]), "b": np.array([[0.5]])}
    exported = {"a": np.array([1.0, 2.25], np.float32), "b": np.array([[0.0]], np.float32)}
    assert largest_difference(reference, exported) == 0.5


def test_unsigned_bytes_do_not_overflow():
    assert largest_difference({"a": np.array([3], np.uint8)}, {"a": np.array([5], np.uint8)}) == 2


def test_outputs_that_only_the_file_has_are_ignored():
    assert largest_difference({"a": np.ones(1)}, {"a": np.ones(1), "b": np.ones(1)}) == 0


def test_nan_is_within_no_tolerance():
    for reference, exported in ((np.nan, 1.0), (1.0, np.nan), (np.nan, np.nan), (np.inf, np.inf)):
        difference = largest_difference(
            {"a": np.array([0.0, reference]), "b": np.zeros(1)}, {"a": np.array([0.0, exported]), "b": np.zeros(1)}
        )
        assert not difference <= 1e9


def test_missing_output_and_fixed_batch_axis_are_named():
    with pytest.raises(AtelierError, match="no output 'a', only b"):
        largest_difference({"a": np.ones(1)}, {"b": np.ones(1)})
    with pytest.raises(AtelierError, match="batch axis"):
        largest_difference({"a": np.ones((4, 2))}, {"a": np.ones((1, 2))})


@pytest.fixture
def doubling(tmp_path):
    return OnnxModel(write_model(tmp_path / "model.onnx", factor=2.0))


def compare(reference, model, sizes=(1, 2, 4)):
    return difference_over_batches(reference, model, {"x": np.arange(4, dtype=np.float32)[:, None]}, sizes)


def test_network_and_file_are_compared_on_batches_of_every_size(doubling):
    sizes = []

    def network(x):
        sizes.append(len(x))
        return {"y": 2 * x}

    assert compare(network, doubling) == 0
    assert sizes == [1, 2, 4]
    assert compare(lambda x: {"y": 2.5 * x}, doubling) == 1.5


def test_nan_in_one_batch_is_within_no_tolerance(doubling):
    for size in (1, 2, 4):
        found = compare(lambda x, bad=size: {"y": 2 * x if len(x) != bad else np.full_like(x, np.nan)}, doubling)
        assert np.isnan(found)
