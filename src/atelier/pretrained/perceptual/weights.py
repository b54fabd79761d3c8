"""Weights of a perceptual network, in the file of its publisher or in a `.npz`."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.errors import BadInputError
from atelier.pretrained.perceptual.layers import IMAGE, Architecture
from atelier.pretrained.weights import check_weights, read_npz


def read_weights(path: Path, architecture: Architecture) -> dict[str, NDArray[np.float32]]:
    """Read a `.npz` with arrays named as in `Weights`, or a `.h5` of Keras Applications, for RGB images.

    Raises
    ------
    BadInputError
        When the file cannot be read, or does not hold the weights of this architecture.
    """
    if path.suffix != ".h5":
        return read_npz(path, architecture.shapes, architecture.name)
    wrong = f"{path} does not hold the weights of {architecture.name}"
    try:
        weights = _read_keras(path, architecture)
    except (OSError, KeyError, ValueError) as error:
        raise BadInputError(f"{wrong}. Fetch it again. ({error})") from error
    check_weights(weights, architecture.shapes, wrong)
    return weights


def _read_keras(path: Path, architecture: Architecture) -> dict[str, NDArray[np.float32]]:
    """Each layer is a group of kernel and bias; kernels are (height, width, inputs, outputs), for BGR images."""
    import h5py  # type: ignore[import-untyped]

    weights = {}
    with h5py.File(path, "r") as file:
        for conv in architecture.convolutions:
            kernel, bias = (_array(file[conv.name], name) for name in file[conv.name].attrs["weight_names"])
            kernel = kernel[:, :, ::-1] if conv.source == IMAGE else kernel
            weights[f"{conv.name}.weight"] = np.ascontiguousarray(kernel.transpose(3, 2, 0, 1))
            weights[f"{conv.name}.bias"] = bias
    return weights


def _array(group: Any, name: bytes | str) -> NDArray[np.float32]:
    return np.asarray(group[name.decode() if isinstance(name, bytes) else name], np.float32)
