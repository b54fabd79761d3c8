"""The perceptual network in torch: frozen, and differentiable with respect to the image."""

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from atelier.pretrained.perceptual.asset import Perceptual
from atelier.pretrained.perceptual.layers import IMAGE, Concat, Conv, Layer, Pool


class Taps(nn.Module):
    """Features of images at the taps of a perceptual network.

    It has no parameters and leaves nothing in a checkpoint: its weights are buffers that are not saved.

    Parameters
    ----------
    perceptual
        Which network; `perceptual.architecture` names its taps of style and of content.
    taps
        Names of layers; those of style and content where None. Layers that none of them needs are not computed.
    """

    def __init__(self, perceptual: Perceptual, taps: Iterable[str] | None = None) -> None:
        super().__init__()
        architecture = perceptual.architecture
        self.architecture = architecture
        self.taps = tuple(architecture.feature_layers if taps is None else taps)
        self._layers = architecture.required_layers(self.taps)
        self._keep("mean", np.array(architecture.mean, np.float32).reshape(3, 1, 1))
        for layer in self._layers:
            if isinstance(layer, Conv):
                for part in ("weight", "bias"):
                    self._keep(f"{layer.name}.{part}", perceptual.weights[f"{layer.name}.{part}"])

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        """Tap → features (batch, channels, height, width).

        Parameters
        ----------
        image
            float32 (batch, 3, height, width), RGB from 0 to 255, any size of at least `architecture.min_side`.
        """
        values = {IMAGE: image - self._kept("mean")}
        for layer in self._layers:
            values[layer.name] = self._apply_layer(layer, [values[source] for source in layer.sources])
        return {tap: values[tap] for tap in self.taps}

    def _apply_layer(self, layer: Layer, inputs: list[Tensor]) -> Tensor:
        if isinstance(layer, Concat):
            return torch.cat(inputs, dim=1)
        if isinstance(layer, Pool):
            return functional.max_pool2d(inputs[0], layer.size, layer.stride, ceil_mode=layer.ceil_mode)
        weight, bias = self._kept(f"{layer.name}.weight"), self._kept(f"{layer.name}.bias")
        padding = layer.size // 2 if layer.padded else 0
        return functional.relu(functional.conv2d(inputs[0], weight, bias, layer.stride, padding))

    def _keep(self, name: str, array: np.ndarray) -> None:
        # Copied: torch would share memory with what is handed in, and may not write to what was read.
        self.register_buffer(_buffer(name), torch.from_numpy(array.copy()), persistent=False)

    def _kept(self, name: str) -> Tensor:
        return self.get_buffer(_buffer(name))


def gram(features: Tensor) -> Tensor:
    """F Fᵀ / HW of each image: (batch, channels, height, width) → (batch, channels, channels)."""
    rows = features.flatten(2)
    return rows @ rows.transpose(1, 2) / rows.shape[2]


def relative_distance(these: Tensor, those: Tensor) -> Tensor:
    """‖these - those‖ / ‖those‖ over all but the first axis (Frobenius): (batch,).

    See `atelier.evaluation.stylization.metrics`.

    Where both are equal the root has no gradient: the least that comes out is 1e-4.
    """
    away = (these - those).flatten(1).square().sum(1)
    return (away / those.flatten(1).square().sum(1) + 1e-8).sqrt()


def _buffer(name: str) -> str:
    """A buffer's name may hold no dot."""
    return name.replace(".", "-")
