"""Cost of one call of an ONNX model: latency at batch size 1, and file size."""

from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.model_card import Cost, ModelSpec
from atelier.onnx.example import example_inputs
from atelier.onnx.model import OnnxModel

_FEWEST_CALLS = 5


def measure(
    source: Path | bytes,
    example: Mapping[str, NDArray[Any]],
    *,
    calls: int = 200,
    warm_up: int = 10,
    seconds: float = 3.0,
    threads: int = 1,
) -> Cost:
    """Measure the latency of single calls on this machine's CPU, without session start and warm-up.

    Parameters
    ----------
    source
        Path or bytes of the `.onnx` file.
    example
        Input name → array with a batch axis; its first item is used.
    calls
        Number of timed calls; fewer when together they take longer than `seconds`.
    warm_up
        Number of calls before those, because the first calls allocate memory.
    threads
        Threads of the session; the service uses one for each model.
    """
    model = OnnxModel(source, threads)
    one = {name: np.ascontiguousarray(value[:1]) for name, value in example.items()}
    _time(model, one, warm_up, seconds / 10)
    latencies = _time(model, one, calls, seconds)
    p50, p95 = np.percentile(latencies, [50, 95])
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    return Cost(latency_p50_ms=float(p50), latency_p95_ms=float(p95), size_mb=size / 1e6)


def measure_parts(files: Mapping[str, Path], spec: ModelSpec) -> dict[str, Cost]:
    """Part → its cost, measured on random inputs of typical size.

    Parameters
    ----------
    files
        Part → path of its ONNX file.
    spec
        The interface of these parts.
    """
    return {name: measure(files[name], example_inputs(part, spec.typical_sizes)) for name, part in spec.parts.items()}


def _time(model: OnnxModel, one: Mapping[str, NDArray[Any]], calls: int, seconds: float) -> list[float]:
    """Milliseconds of each call."""
    latencies: list[float] = []
    start = perf_counter()
    while len(latencies) < _FEWEST_CALLS or (len(latencies) < calls and perf_counter() - start < seconds):
        before = perf_counter()
        model(**one)
        latencies.append(1000 * (perf_counter() - before))
    return latencies
