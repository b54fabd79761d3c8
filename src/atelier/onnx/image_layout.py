"""How an array of images is laid out, and its conversion to another layout, in NumPy and as ONNX nodes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

Axes = Literal["NHW", "NHWC", "NCHW", "flat"]


@dataclass(frozen=True)
class ImageLayout:
    """The layout of a batch of images.

    Attributes
    ----------
    axes
        `flat`: each image is a row of its pixels.
    size
        (height, width), None for an axis of any size. Of `flat`: (1, number of pixels).
    channels
        1 for gray levels, 3 for RGB.
    """

    axes: Axes
    size: tuple[int | None, int | None]
    channels: int

    @classmethod
    def of(cls, shape: Sequence[int | str]) -> Self | None:
        """The layout of a shape with the batch first; None for a shape that no batch of images has."""
        sizes = [axis if isinstance(axis, int) else None for axis in shape]
        if len(sizes) == 2 and sizes[1]:
            return cls("flat", (1, sizes[1]), 1)
        if len(sizes) == 3:
            return cls("NHW", (sizes[1], sizes[2]), 1)
        if len(sizes) == 4 and sizes[3] in (1, 3):
            return cls("NHWC", (sizes[1], sizes[2]), sizes[3])
        if len(sizes) == 4 and sizes[1] in (1, 3):
            return cls("NCHW", (sizes[2], sizes[3]), sizes[1])
        return None

    def fits(self, other: "ImageLayout") -> bool:
        """Whether images of the other layout have this size."""
        if self.axes == "flat":
            height, width = other.size
            return height is not None and width is not None and height * width * other.channels == self.size[1]
        pairs = zip(self.size, other.size, strict=True)
        return all(mine is None or theirs is None or mine == theirs for mine, theirs in pairs)

    def __str__(self) -> str:
        if self.axes == "flat":
            return f"rows of {self.size[1]} pixels"
        size = " x ".join("any" if axis is None else str(axis) for axis in self.size)
        return f"{size} pixels, {'gray levels' if self.channels == 1 else 'RGB'}, {self.axes}"


def convert(images: NDArray[Any], layout: ImageLayout, target: ImageLayout) -> NDArray[Any]:
    """Images in another layout. Gray levels become RGB by repetition."""
    if layout.axes == "NHW":
        images = images[..., None]
    elif layout.axes == "NCHW":
        images = images.transpose(0, 2, 3, 1)
    if layout.channels < target.channels:
        images = np.repeat(images, target.channels, axis=3)
    if target.axes == "NHW":
        return images[..., 0]
    if target.axes == "NCHW":
        return np.ascontiguousarray(images.transpose(0, 3, 1, 2))
    return images.reshape(len(images), -1) if target.axes == "flat" else images


def conversion_nodes(
    layout: ImageLayout, target: ImageLayout, source: str, result: str
) -> tuple[list[NodeProto], list[TensorProto]]:
    """The same as ONNX nodes and constants, from the tensor `source` to the tensor `result`.

    The operators mean the same in every opset that ONNX Runtime reads.
    """
    nodes: list[NodeProto] = []
    constants: list[TensorProto] = []
    last = source
    for operator, attributes, shape in _operations(layout, target):
        inputs = [last] * attributes.pop("copies", 1)
        if shape:
            constants.append(numpy_helper.from_array(np.array(shape, np.int64), f"{result}/shape{len(nodes)}"))
            inputs.append(constants[-1].name)
        last = f"{result}/{len(nodes)}"
        nodes.append(helper.make_node(operator, inputs, [last], **attributes))
    nodes.append(helper.make_node("Identity", [last], [result]))
    return nodes, constants


def _operations(layout: ImageLayout, target: ImageLayout) -> Iterator[tuple[str, dict[str, Any], Sequence[int]]]:
    """(operator, its attributes, the shape that it reads); a 0 in a shape keeps the axis."""
    if layout.axes == "NHW":
        yield "Reshape", {}, (0, 0, 0, 1)
    elif layout.axes == "NCHW":
        yield "Transpose", {"perm": [0, 2, 3, 1]}, ()
    if layout.channels < target.channels:
        yield "Concat", {"copies": target.channels, "axis": 3}, ()
    if target.axes == "NHW":
        yield "Reshape", {}, (0, 0, 0)
    elif target.axes == "NCHW":
        yield "Transpose", {"perm": [0, 3, 1, 2]}, ()
    elif target.axes == "flat":
        yield "Flatten", {"axis": 1}, ()
