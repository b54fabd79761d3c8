"""Weights of pretrained networks: read from a file or made from a seed, and checked against the architecture."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.errors import BadInputError

Weights = Mapping[str, NDArray[np.float32]]
"""`<layer>.weight` (outputs, inputs, height, width) and `<layer>.bias` (outputs,) of each convolution."""
Shapes = Mapping[str, tuple[int, ...]]
"""Name → shape of each array of `Weights`."""


def random_weights(shapes: Shapes, seed: int) -> dict[str, NDArray[np.float32]]:
    """Normal weights that keep the variance from layer to layer (He et al. 2015, arXiv:1502.01852, section 2.2)."""
    rng = np.random.default_rng(seed)
    weights: dict[str, NDArray[np.float32]] = {}
    for name, shape in shapes.items():
        if len(shape) == 1:
            weights[name] = np.zeros(shape, np.float32)
        else:
            scale = np.float32(np.sqrt(2 / np.prod(shape[1:])))
            weights[name] = scale * rng.standard_normal(shape, np.float32)
    return weights


def write_npz(path: Path, weights: Weights) -> None:
    """Write a file that `read_npz` reads."""
    np.savez(path, allow_pickle=False, **weights)


def read_npz(path: Path, shapes: Shapes, network: str) -> dict[str, NDArray[np.float32]]:
    """Read the arrays of these names from a `.npz`. Other arrays in the file are not read.

    Raises
    ------
    BadInputError
        When the file cannot be read, or does not hold the weights of this network.
    """
    wrong = f"{path} does not hold the weights of {network}"
    try:
        with np.load(path, allow_pickle=False) as file:
            weights = {name: np.asarray(file[name], np.float32) for name in shapes}
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise BadInputError(f"{wrong}. Fetch it again. ({error})") from error
    check_weights(weights, shapes, wrong)
    return weights


def check_weights(weights: Mapping[str, NDArray[Any]], shapes: Shapes, message: str) -> None:
    """Compare shapes, and look for numbers that are not finite.

    Raises
    ------
    BadInputError
        The message starts with `message`, and names the array.
    """
    for name, shape in shapes.items():
        if weights[name].shape != shape:
            raise BadInputError(f"{message}: {name} has shape {weights[name].shape}, not {shape}.")
        if not np.isfinite(weights[name]).all():
            raise BadInputError(f"{message}: {name} has numbers that are not finite.")
