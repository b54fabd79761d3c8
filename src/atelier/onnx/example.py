"""Made-up inputs for a model, from its spec alone: for warming up and for measuring cost."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.model_card import ModelSpec, Tensor


def example_inputs(spec: ModelSpec, seed: int = 0) -> dict[str, NDArray[Any]]:
    """One item for each input: uniform noise in the input's range, dynamic axes at their typical sizes."""
    rng = np.random.default_rng(seed)
    return {tensor.name: _noise(tensor, spec.typical_sizes, rng) for tensor in spec.inputs}


def _noise(tensor: Tensor, sizes: dict[str, int], rng: np.random.Generator) -> NDArray[Any]:
    shape = [axis if isinstance(axis, int) else sizes.get(axis, 1) for axis in tensor.shape]
    low, high = tensor.range or (0.0, 1.0)
    return rng.uniform(low, high, shape).astype(tensor.dtype)
