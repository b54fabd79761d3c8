"""What a painted photo costs: time by size, and memory."""

from time import perf_counter
from typing import Any

import numpy as np

from atelier.evaluation.stylization.evaluate import Paint
from atelier.evaluation.stylization.settings import EvaluationSettings
from atelier.model_card import MODEL, ModelSpec
from atelier.onnx.example import example_inputs
from atelier.onnx.memory import peak_memory
from atelier.onnx.model import OnnxModel


def cost_table(paint: Paint, model: OnnxModel, spec: ModelSpec, asked: EvaluationSettings) -> dict[str, Any]:
    """What `evaluate_stylisation` hands on as `cost.json`.

    Parameters
    ----------
    paint
        Asks `model`, on the threads that this has; what can be known of a painting beforehand is.
    model, spec
        Asked for all of its outputs, in a process of its own and on one thread, for the peak of memory.

    Returns
    -------
    dict
        `latency`: one row a size, with median and slowest call in ms, from uint8 to uint8. `peak_memory_mb` at the
        largest size, see `peak_memory`; None where that process died.
    """
    largest = max(asked.cost_sizes)
    sizes = {**spec.typical_sizes, "height": largest, "width": largest}
    inputs = example_inputs(spec.parts[MODEL], sizes)
    return {
        "latency": [_latency(paint, size, asked.cost_calls) for size in asked.cost_sizes],
        "peak_memory_mb": peak_memory(model.source, inputs),
        "peak_memory_size": largest,
    }


def _latency(paint: Paint, size: int, calls: int) -> dict[str, Any]:
    photo = np.random.default_rng(0).integers(0, 256, (size, size, 3), np.uint8)
    paint(photo, 0, 1.0)  # the first one allocates memory
    times = []
    for _ in range(calls):
        began = perf_counter()
        paint(photo, 0, 1.0)
        times.append(1000 * (perf_counter() - began))
    return {"size": size, "median_ms": round(float(np.median(times)), 2), "slowest_ms": round(max(times), 2)}
