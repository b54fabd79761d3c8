"""Weights of a perceptual network, read from a file or made from a seed, and checked against the architecture."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.errors import BadInputError
from atelier.pretrained.perceptual.layers import IMAGE, Architecture

Weights = Mapping[str, NDArray[np.float32]]
"""`<layer>.weight` (outputs, inputs, size, size) and `<layer>.bias` (outputs,) of each convolution, for RGB images."""


def random_weights(architecture: Architecture, seed: int) -> dict[str, NDArray[np.float32]]:
    """Normal weights that keep the variance from layer to layer (He et al. 2015, arXiv:1502.01852, section 2.2)."""
    rng = np.random.default_rng(seed)
    weights: dict[str, NDArray[np.float32]] = {}
    for conv in architecture.convolutions:
        shape = (conv.outputs, conv.inputs, conv.size, conv.size)
        scale = np.float32(np.sqrt(2 / (conv.inputs * conv.size**2)))
        weights[f"{conv.name}.weight"] = scale * rng.standard_normal(shape, np.float32)
        weights[f"{conv.name}.bias"] = np.zeros(conv.outputs, np.float32)
    return weights


def read_weights(path: Path, architecture: Architecture) -> dict[str, NDArray[np.float32]]:
    """Read a `.npz` with arrays named as in `Weights`, or a `.h5` of Keras Applications.

    Raises
    ------
    BadInputError
        When the file cannot be read, or does not hold the weights of this architecture.
    """
    read = _read_keras if path.suffix == ".h5" else _read_npz
    wrong = f"{path} does not hold the weights of {architecture.name}"
    try:
        weights = read(path, architecture)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise BadInputError(f"{wrong}. Fetch it again. ({error})") from error
    for conv in architecture.convolutions:
        for part, shape in (("weight", (conv.outputs, conv.inputs, conv.size, conv.size)), ("bias", (conv.outputs,))):
            array = weights[f"{conv.name}.{part}"]
            if array.shape != shape:
                raise BadInputError(f"{wrong}: {conv.name}.{part} has shape {array.shape}, not {shape}.")
            if not np.isfinite(array).all():
                raise BadInputError(f"{wrong}: {conv.name}.{part} has numbers that are not finite.")
    return weights


def _read_npz(path: Path, architecture: Architecture) -> dict[str, NDArray[np.float32]]:
    with np.load(path, allow_pickle=False) as file:
        return {
            name: np.asarray(file[name], np.float32)
            for conv in architecture.convolutions
            for name in (f"{conv.name}.weight", f"{conv.name}.bias")
        }


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
