import numpy as np

from atelier.onnx.benchmark import measure
from tests.helpers.onnx_graphs import write_model


def test_cost_of_a_file_and_of_its_bytes(tmp_path):
    path = write_model(tmp_path / "model.onnx")
    content = path.read_bytes()
    for source in (path, content):
        found = measure(source, {"x": np.zeros((4, 1), np.float32)}, calls=20)
        assert 0 < found.latency_p50_ms <= found.latency_p95_ms
        assert found.size_mb == len(content) / 1e6


def test_one_item_is_computed_as_often_as_requested(monkeypatch):
    shapes = []

    class Model:
        def __init__(self, source, threads):
            pass

        def __call__(self, image):
            shapes.append(image.shape)

    monkeypatch.setattr("atelier.onnx.benchmark.OnnxModel", Model)
    measure(b"", {"image": np.zeros((4, 3))}, calls=30, warm_up=7)
    assert shapes == [(1, 3)] * 37


def test_slow_models_are_called_fewer_times(monkeypatch):
    clock = iter(range(1_000_000))
    shapes = []
    monkeypatch.setattr("atelier.onnx.benchmark.perf_counter", lambda: next(clock))
    monkeypatch.setattr("atelier.onnx.benchmark.OnnxModel", lambda source, threads: lambda image: shapes.append(1))
    found = measure(b"", {"image": np.zeros((1, 3))}, calls=1000, seconds=30)
    assert len(shapes) < 30
    assert found.latency_p50_ms == 1000
