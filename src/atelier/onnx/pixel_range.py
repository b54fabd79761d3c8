"""The values that a model takes or returns for gray levels or RGB values."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper


@dataclass(frozen=True)
class PixelRange:
    """The values of a model for the gray levels or RGB values 0 to 255: value · scale + offset."""

    name: str
    scale: float
    offset: float

    def apply(self, images: NDArray[Any]) -> NDArray[np.float32]:
        """Gray levels as values of the model."""
        scaled: NDArray[np.float32] = images.astype(np.float32) * np.float32(self.scale) + np.float32(self.offset)
        return scaled

    def nodes(self, source: str, result: str) -> tuple[list[NodeProto], list[TensorProto]]:
        """`apply` as ONNX nodes and constants."""
        names = f"{result}/scale", f"{result}/offset", f"{result}/scaled"
        constants = [
            numpy_helper.from_array(np.float32(number), name)
            for number, name in zip((self.scale, self.offset), names, strict=False)
        ]
        nodes = [
            helper.make_node("Mul", [source, names[0]], [names[2]]),
            helper.make_node("Add", [names[2], names[1]], [result]),
        ]
        return nodes, constants

    @property
    def inverse(self) -> "PixelRange":
        """Values of the model as gray levels."""
        return PixelRange(self.name, 1 / self.scale, -self.offset / self.scale)


RANGES = (
    PixelRange("0 to 255", 1, 0),
    PixelRange("0 to 1", 1 / 255, 0),
    PixelRange("-1 to 1", 2 / 255, -1),
    PixelRange("0 to 255, dark on light", -1, 255),
    PixelRange("0 to 1, dark on light", -1 / 255, 1),
    PixelRange("-1 to 1, dark on light", -2 / 255, 1),
)
"""What models expect; the first is what the families' own models take."""
