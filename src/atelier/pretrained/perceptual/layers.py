"""A convolutional network as a list of layers, from which TensorFlow, PyTorch and ONNX models are built."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from atelier.errors import BadInputError, nearest

IMAGE = "image"
"""The input of the first layers: RGB minus the mean colour."""


@dataclass(frozen=True)
class Conv:
    """A convolution with bias and ReLU.

    Its weights are `<name>.weight`, (outputs, inputs, size, size), and `<name>.bias`, (outputs,).
    """

    name: str
    source: str
    """The layer that it reads, or `IMAGE`."""
    inputs: int
    outputs: int
    size: int
    stride: int = 1
    padded: bool = False
    """Whether the input is padded with zeros to keep its size; else there is no padding. Only with stride 1: with
    larger strides the frameworks pad different sides."""

    def __post_init__(self) -> None:
        if self.padded and (self.stride != 1 or self.size % 2 == 0):
            raise ValueError(f"{self.name}: padding is for odd kernels without a stride.")

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.source,)

    def side(self, side: int) -> int:
        """Size of the output for an input of this size, in pixels."""
        return side if self.padded else (side - self.size) // self.stride + 1


@dataclass(frozen=True)
class Pool:
    """Max pooling after a ReLU: no value is negative, so padding with 0 does not change a maximum."""

    name: str
    source: str
    size: int
    stride: int
    ceil_mode: bool = False
    """Whether windows that extend beyond the right and the bottom border are used; else they are dropped."""

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.source,)

    def side(self, side: int) -> int:
        return -(-(side - self.size) // self.stride) + 1 if self.ceil_mode else (side - self.size) // self.stride + 1


@dataclass(frozen=True)
class Concat:
    """The concatenated channels of several layers."""

    name: str
    sources: tuple[str, ...]

    def side(self, side: int) -> int:
        return side


Layer = Conv | Pool | Concat


@dataclass(frozen=True)
class Architecture:
    """Layers in topological order, and the layers that style and content losses use."""

    name: str
    mean: tuple[float, float, float]
    """R, G, B from 0 to 255, subtracted from the image; it is not scaled."""
    layers: tuple[Layer, ...]
    style_layers: tuple[str, ...]
    """Layers whose Gram matrices represent the style, fine to coarse; their outputs after the ReLU."""
    content_layer: str
    """Layer whose output represents the content."""

    @property
    def feature_layers(self) -> tuple[str, ...]:
        """The style layers and the content layer, each once."""
        return tuple(dict.fromkeys((*self.style_layers, self.content_layer)))

    @property
    def convolutions(self) -> tuple[Conv, ...]:
        return tuple(layer for layer in self.layers if isinstance(layer, Conv))

    @cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Name → shape of each array of weights, see `atelier.pretrained.weights.Weights`."""
        return {
            name: shape
            for conv in self.convolutions
            for name, shape in (
                (f"{conv.name}.weight", (conv.outputs, conv.inputs, conv.size, conv.size)),
                (f"{conv.name}.bias", (conv.outputs,)),
            )
        }

    @cached_property
    def strides(self) -> dict[str, int]:
        """Layer → distance of neighbouring features, in pixels of the image."""
        strides = {IMAGE: 1}
        for layer in self.layers:
            strides[layer.name] = strides[layer.sources[0]] * (1 if isinstance(layer, Concat) else layer.stride)
        return strides

    @cached_property
    def channels(self) -> dict[str, int]:
        """Layer → number of channels."""
        channels = {IMAGE: 3}
        for layer in self.layers:
            own = layer.outputs if isinstance(layer, Conv) else sum(channels[source] for source in layer.sources)
            channels[layer.name] = own
        return channels

    def required_layers(self, names: Iterable[str]) -> tuple[Layer, ...]:
        """The layers that are needed to compute these ones, including them.

        Raises
        ------
        BadInputError
            When a layer does not exist.
        """
        required = set(names)
        if unknown := required - {layer.name for layer in self.layers}:
            name = min(unknown)
            known = nearest(name, (layer.name for layer in self.layers))
            raise BadInputError(f"{self.name} has no layer {name!r}. Did you mean {known}?")
        layers: list[Layer] = []
        for layer in reversed(self.layers):
            if layer.name in required:
                required.update(layer.sources)
                layers.append(layer)
        return tuple(reversed(layers))

    @cached_property
    def min_side(self) -> int:
        """Smallest side of an image, in pixels, for which all feature layers have an output."""
        return next(side for side in range(1, 10_000) if self._has_features(side))

    def _has_features(self, side: int) -> bool:
        sides = {IMAGE: side}
        for layer in self.required_layers(self.feature_layers):
            sides[layer.name] = layer.side(sides[layer.sources[0]])
            # A window may extend beyond the border, but not start beyond it.
            if sides[layer.name] < 1 or (isinstance(layer, Pool) and sides[layer.source] < layer.size):
                return False
        return True
