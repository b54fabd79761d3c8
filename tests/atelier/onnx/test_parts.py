import numpy as np
import pytest

from atelier.errors import AtelierError
from atelier.onnx.benchmark import measure_parts
from atelier.onnx.parts import open_parts, part_files
from tests.helpers.onnx_graphs import multiplier_spec, write_model


@pytest.fixture
def folder(tmp_path):
    for part, factor in (("encoder", 2.0), ("decoder", 3.0)):
        write_model(tmp_path / f"{part}.onnx", factor)
    return tmp_path


def test_a_folder_is_opened_as_its_parts(folder):
    parts = open_parts(part_files(folder, ("encoder", "decoder")))
    x = np.ones((1, 1), np.float32)
    assert {name: part(x=x)["y"].item() for name, part in parts.items()} == {"encoder": 2, "decoder": 3}


def test_a_missing_file_is_named(folder):
    with pytest.raises(AtelierError, match=r"'model' is missing: there is no file .*model\.onnx"):
        part_files(folder, ("encoder", "model"))


def test_each_part_is_measured(folder):
    spec = multiplier_spec(("encoder", "decoder"))
    costs = measure_parts(part_files(folder, spec.parts), spec)
    assert list(costs) == ["encoder", "decoder"]
    for name, cost in costs.items():
        assert cost.latency_p95_ms > 0
        assert cost.size_mb == (folder / f"{name}.onnx").stat().st_size / 1e6
