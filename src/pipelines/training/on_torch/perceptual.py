"""The perceptual network in torch: frozen, and differentiable with respect to the image."""

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from atelier.pretrained.perceptual.asset import Perceptual
from atelier.pretrained.perceptual.layers import IMAGE, Concat, Conv, Layer, Pool


class FeatureExtractor(nn.Module):
    """Features of images at some layers of a perceptual network.

    It has no parameters, and its weights are buffers that are not saved in checkpoints.

    Parameters
    ----------
    perceptual
        The network and its weights. `perceptual.architecture` names the style layers and the content layer.
    layers
        Names of the layers. None: the style layers and the content layer. Other layers are computed only where needed.
    """

    def __init__(self, perceptual: Perceptual, layers: Iterable[str] | None = None) -> None:
        super().__init__()
        architecture = perceptual.architecture
        self.architecture = architecture
        self.layers = tuple(architecture.feature_layers if layers is None else layers)
        self._graph = architecture.required_layers(self.layers)
        self._register("mean", np.array(architecture.mean, np.float32).reshape(3, 1, 1))
        for layer in self._graph:
            if isinstance(layer, Conv):
                for part in ("weight", "bias"):
                    self._register(f"{layer.name}.{part}", perceptual.weights[f"{layer.name}.{part}"])

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        """Layer → features (batch, channels, height, width).

        Parameters
        ----------
        image
            float32 (batch, 3, height, width), RGB from 0 to 255, any size of at least `architecture.min_side`.
        """
        values = {IMAGE: image - self._weight("mean")}
        for layer in self._graph:
            values[layer.name] = self._apply_layer(layer, [values[source] for source in layer.sources])
        return {layer: values[layer] for layer in self.layers}

    def _apply_layer(self, layer: Layer, inputs: list[Tensor]) -> Tensor:
        if isinstance(layer, Concat):
            return torch.cat(inputs, dim=1)
        if isinstance(layer, Pool):
            return functional.max_pool2d(inputs[0], layer.size, layer.stride, ceil_mode=layer.ceil_mode)
        weight, bias = self._weight(f"{layer.name}.weight"), self._weight(f"{layer.name}.bias")
        padding = layer.size // 2 if layer.padded else 0
        return functional.relu(functional.conv2d(inputs[0], weight, bias, layer.stride, padding))

    def _register(self, name: str, array: np.ndarray) -> None:
        # Copied, because torch.from_numpy shares memory with the array, which may be read-only.
        self.register_buffer(_buffer_name(name), torch.from_numpy(array.copy()), persistent=False)

    def _weight(self, name: str) -> Tensor:
        return self.get_buffer(_buffer_name(name))


def _buffer_name(name: str) -> str:
    """The names of buffers must not contain dots."""
    return name.replace(".", "-")
