"""Time and memory that stylizing one photo takes."""

from time import perf_counter
from typing import Any

import numpy as np

from atelier.evaluation.stylization.evaluate import Stylize
from atelier.evaluation.stylization.settings import EvaluationSettings
from atelier.model_card import MODEL, ModelSpec
from atelier.onnx.example import example_inputs
from atelier.onnx.memory import peak_memory
from atelier.onnx.model import OnnxModel


def cost_table(stylize: Stylize, model: OnnxModel, spec: ModelSpec, settings: EvaluationSettings) -> dict[str, Any]:
    """The table `cost.json` of `evaluate_stylization`.

    Parameters
    ----------
    stylize
        Runs `model` with its own number of threads. What depends on the painting alone is computed before.
    model, spec
        The memory is measured in a separate process that computes all outputs on one thread.

    Returns
    -------
    dict
        `latency`: one row per size, with median and slowest call in ms, from uint8 image to uint8 image.
        `peak_memory_mb`: at the largest size, see `peak_memory`; None when that process died.
    """
    largest = max(settings.cost_sizes)
    sizes = {**spec.typical_sizes, "height": largest, "width": largest}
    inputs = example_inputs(spec.parts[MODEL], sizes)
    return {
        "latency": [_latency(stylize, size, settings.cost_calls) for size in settings.cost_sizes],
        "peak_memory_mb": peak_memory(model.source, inputs),
        "peak_memory_size": largest,
    }


def _latency(stylize: Stylize, size: int, calls: int) -> dict[str, Any]:
    photo = np.random.default_rng(0).integers(0, 256, (size, size, 3), np.uint8)
    stylize(photo, 0, 1.0)  # the first call allocates memory
    times = []
    for _ in range(calls):
        began = perf_counter()
        stylize(photo, 0, 1.0)
        times.append(1000 * (perf_counter() - began))
    return {"size": size, "median_ms": round(float(np.median(times)), 2), "slowest_ms": round(max(times), 2)}
