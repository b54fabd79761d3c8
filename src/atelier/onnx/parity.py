"""Does the exported file answer as the network it was made from?"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.errors import AtelierError
from atelier.onnx.model import OnnxModel

Reference = Callable[..., Mapping[str, NDArray[Any]]]
"""The network in its own framework, called as an `OnnxModel` is: inputs by name, outputs by name."""


def difference_over_batches(
    reference: Reference, model: OnnxModel, inputs: Mapping[str, NDArray[Any]], sizes: Iterable[int]
) -> float:
    """Largest absolute difference between network and file on the first items, asked in batches of several sizes.

    Several, because an export can freeze the batch axis or an axis that was 1 in the example.

    Parameters
    ----------
    inputs
        Input name → array with a batch axis, with as many real items as the largest batch.
    sizes
        Batch sizes, 1 among them.

    Returns
    -------
    float
        NaN when any answer of either side holds a NaN or an infinity; as `largest_difference`.
    """
    batches = [{name: array[:size] for name, array in inputs.items()} for size in sizes]
    # np.max, unlike max, lets a NaN through.
    return float(np.max([largest_difference(reference(**batch), model(**batch)) for batch in batches]))


def largest_difference(reference: Mapping[str, NDArray[Any]], exported: Mapping[str, NDArray[Any]]) -> float:
    """Largest absolute difference over all outputs of the reference.

    Parameters
    ----------
    reference, exported
        Output name → array: of the framework and of the ONNX file, on the same inputs. Outputs that only the
        file has are not looked at.

    Returns
    -------
    float
        NaN when either side holds a NaN, or infinities: no tolerance admits it.

    Raises
    ------
    AtelierError
        When the file lacks an output, or an output has another shape (often a batch axis that was fixed in export).
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
        # In float64: the difference of two uint8 arrays would wrap around.
        with np.errstate(invalid="ignore"):
            differences.append(np.abs(expected.astype(np.float64) - answer.astype(np.float64)).max(initial=0.0))
    return float(np.max(differences, initial=0.0))
