"""Does the exported file answer as the network it was made from?"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.errors import AtelierError


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
