"""Random inputs for a part of a model, made from its spec: for warming up and for measuring cost."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.model_card import PartSpec, Tensor

SMALL = 64
"""Largest size of a dynamic axis in `small_inputs`."""


def example_inputs(part: PartSpec, sizes: Mapping[str, int], seed: int = 0) -> dict[str, NDArray[Any]]:
    """One item for each input: uniform noise in the input's range.

    Parameters
    ----------
    part
        Inputs with their shapes, types and ranges; an input without a range gets values from 0 to 1.
    sizes
        Dynamic axis → its size, such as `ModelSpec.typical_sizes`; other dynamic axes have size 1.
    seed
        The same seed gives the same inputs.
    """
    rng = np.random.default_rng(seed)
    return {tensor.name: _noise(tensor, sizes, rng) for tensor in part.inputs}


def small_inputs(part: PartSpec, sizes: Mapping[str, int]) -> dict[str, NDArray[Any]]:
    """As `example_inputs`, with no dynamic axis larger than `SMALL`: a photo of typical size takes seconds."""
    return example_inputs(part, {axis: min(size, SMALL) for axis, size in sizes.items()})


def _noise(tensor: Tensor, sizes: Mapping[str, int], rng: np.random.Generator) -> NDArray[Any]:
    shape = [axis if isinstance(axis, int) else sizes.get(axis, 1) for axis in tensor.shape]
    low, high = tensor.range or (0.0, 1.0)
    return rng.uniform(low, high, shape).astype(tensor.dtype)
