"""Parity: the difference between an exported ONNX file and the network in its own framework."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.errors import AtelierError
from atelier.onnx.model import OnnxModel

Reference = Callable[..., Mapping[str, NDArray[Any]]]
"""The network in its own framework, called like an `OnnxModel`: input arrays by name in, output arrays by name out."""


def difference_over_batches(
    reference: Reference, model: OnnxModel, inputs: Mapping[str, NDArray[Any]], sizes: Iterable[int]
) -> float:
    """Largest absolute difference between network and file on the first items, in batches of several sizes.

    Several sizes, because an export can fix the batch axis, or another axis that had size 1 in the example.

    Parameters
    ----------
    inputs
        Input name → array of real items, with a batch axis at least as long as the largest batch.
    sizes
        Batch sizes, 1 among them.

    Returns
    -------
    float
        NaN when an output of either side has a NaN or infinities, as in `largest_difference`.
    """
    batches = [{name: array[:size] for name, array in inputs.items()} for size in sizes]
    # Unlike max, np.max returns NaN if any value is NaN.
    return float(np.max([largest_difference(reference(**batch), model(**batch)) for batch in batches]))


def largest_difference(reference: Mapping[str, NDArray[Any]], exported: Mapping[str, NDArray[Any]]) -> float:
    """Largest absolute difference over all outputs of the reference.

    Parameters
    ----------
    reference, exported
        Output name → array, of the framework and of the ONNX file for the same inputs. Outputs that only the file has
        are ignored.

    Returns
    -------
    float
        NaN when either side has a NaN, or both have infinities. NaN is within no tolerance.

    Raises
    ------
    AtelierError
        When the file lacks an output, or an output has another shape (often because export has fixed the batch axis).
    """
    differences = []
    for name, expected in reference.items():
        if name not in exported:
            raise AtelierError(f"The exported file has no output {name!r}, only {', '.join(sorted(exported))}.")
        answer = exported[name]
        if answer.shape != expected.shape:
            raise AtelierError(
                f"Output {name!r} of the exported file has shape {answer.shape}, the network's {expected.shape}. "
                "Is the batch axis dynamic in the export?"
            )
        # In float64, because the difference of two uint8 arrays would overflow.
        with np.errstate(invalid="ignore"):
            differences.append(np.abs(expected.astype(np.float64) - answer.astype(np.float64)).max(initial=0.0))
    return float(np.max(differences, initial=0.0))
