from pathlib import Path

import numpy as np
import pytest

from atelier.onnx.memory import peak_memory
from tests.helpers.onnx_graphs import write_model


def test_a_larger_batch_needs_more_memory_and_that_of_this_process_is_not_counted(tmp_path):
    path = write_model(tmp_path / "model.onnx")
    held = np.ones(100_000_000, np.float32)  # 400 MB in this process
    small, large = (peak_memory(path, {"x": np.ones((rows, 1), np.float32)}) for rows in (1, 10_000_000))
    assert 20 < small < 300
    assert large - small == pytest.approx(80, abs=45)  # 40 MB in, 40 MB out
    assert held[0] == 1


def test_bytes_work_like_a_file(tmp_path):
    content = write_model(tmp_path / "model.onnx").read_bytes()
    assert peak_memory(content, {"x": np.ones((1, 1), np.float32)}) > 20


def test_without_an_answer_there_is_no_peak(tmp_path):
    assert peak_memory(Path(tmp_path / "no.onnx"), {"x": np.ones((1, 1), np.float32)}) is None
