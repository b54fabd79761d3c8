"""A convolutional network as a list of layers, which TensorFlow, torch and ONNX build alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from atelier.errors import BadInputError, nearest

IMAGE = "image"
"""What the first layers read: RGB minus the mean colour."""


@dataclass(frozen=True)
class Conv:
    """A convolution with bias and ReLU.

    Weights are called `<name>.weight`, (outputs, inputs, size, size), and `<name>.bias`, (outputs,).
    """

    name: str
    source: str
    """The layer it reads, or `IMAGE`."""
    inputs: int
    outputs: int
    size: int
    stride: int = 1
    padded: bool = False
    """Zeros all around, so that the output is as large as the input; only where the stride is 1. Else no padding: with
    a stride, frameworks disagree about the side on which it goes."""

    def __post_init__(self) -> None:
        if self.padded and (self.stride != 1 or self.size % 2 == 0):
            raise ValueError(f"{self.name}: padding is for odd kernels without a stride.")

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.source,)

    def side(self, side: int) -> int:
        return side if self.padded else (side - self.size) // self.stride + 1


@dataclass(frozen=True)
class Pool:
    """Max pooling of what a ReLU has left: nothing is below 0, so that padding with 0 changes no maximum."""

    name: str
    source: str
    size: int
    stride: int
    cut: bool = False
    """Whether windows that stick out at the right and at the bottom count too (`ceil_mode`); else they are dropped."""

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.source,)

    def side(self, side: int) -> int:
        return -(-(side - self.size) // self.stride) + 1 if self.cut else (side - self.size) // self.stride + 1


@dataclass(frozen=True)
class Concat:
    """The channels of several layers, one after the other."""

    name: str
    sources: tuple[str, ...]

    def side(self, side: int) -> int:
        return side


Layer = Conv | Pool | Concat


@dataclass(frozen=True)
class Architecture:
    """Layers in an order in which each comes after those it reads, and what they are used for."""

    name: str
    mean: tuple[float, float, float]
    """R, G, B from 0 to 255, subtracted from the image; it is not scaled."""
    layers: tuple[Layer, ...]
    style: tuple[str, ...]
    """Taps whose Gram matrices make the style, fine to coarse. A tap is a layer's output, after the ReLU."""
    content: str
    """Tap that makes the content."""

    @property
    def taps(self) -> tuple[str, ...]:
        """Those of style and content, each once."""
        return tuple(dict.fromkeys((*self.style, self.content)))

    @property
    def convolutions(self) -> tuple[Conv, ...]:
        return tuple(layer for layer in self.layers if isinstance(layer, Conv))

    @cached_property
    def strides(self) -> dict[str, int]:
        """Layer → pixels of the image from one place of its features to the next."""
        strides = {IMAGE: 1}
        for layer in self.layers:
            strides[layer.name] = strides[layer.sources[0]] * (1 if isinstance(layer, Concat) else layer.stride)
        return strides

    @cached_property
    def channels(self) -> dict[str, int]:
        """Layer → number of its features at each place."""
        channels = {IMAGE: 3}
        for layer in self.layers:
            own = layer.outputs if isinstance(layer, Conv) else sum(channels[source] for source in layer.sources)
            channels[layer.name] = own
        return channels

    def needed(self, taps: Iterable[str]) -> tuple[Layer, ...]:
        """The layers without which these taps cannot be computed.

        Raises
        ------
        BadInputError
            When a tap is no layer.
        """
        wanted = set(taps)
        if unknown := wanted - {layer.name for layer in self.layers}:
            tap = min(unknown)
            near = nearest(tap, (layer.name for layer in self.layers))
            raise BadInputError(f"{self.name} has no layer {tap!r}. Did you mean {near}?")
        kept: list[Layer] = []
        for layer in reversed(self.layers):
            if layer.name in wanted:
                wanted.update(layer.sources)
                kept.append(layer)
        return tuple(reversed(kept))

    @cached_property
    def smallest(self) -> int:
        """Pixels that each side of an image needs for the taps of style and content to have a pixel at all."""
        return next(side for side in range(1, 10_000) if self._reaches(side))

    def _reaches(self, side: int) -> bool:
        sides = {IMAGE: side}
        for layer in self.needed(self.taps):
            sides[layer.name] = layer.side(sides[layer.sources[0]])
            # A cut window may not begin outside.
            if sides[layer.name] < 1 or (isinstance(layer, Pool) and sides[layer.source] < layer.size):
                return False
        return True
