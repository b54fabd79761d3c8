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

    def resize_to(self, source: "ImageLayout") -> tuple[int, int] | None:
        """The size to which these images, of any size, are resized for a file with a fixed one; None: not at all."""
        height, width = source.size
        any_size = self.axes == "NHWC" and self.size == (None, None) and source.axes != "flat"
        return (height, width) if any_size and height is not None and width is not None else None

    def __str__(self) -> str:
        if self.axes == "flat":
            return f"rows of {self.size[1]} pixels"
        size = " x ".join("any" if axis is None else str(axis) for axis in self.size)
        return f"{size} pixels, {'gray levels' if self.channels == 1 else 'RGB'}, {self.axes}"


ANY_RGB = ImageLayout("NHWC", (None, None), 3)
"""RGB images of any size, as the families of painters take and return them."""


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


def resized(images: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """Images (n, height, width, …) at another size: bilinear between the centers of pixels, without antialiasing."""
    for axis, target in enumerate(size, start=1):
        source = images.shape[axis]
        position = np.clip((np.arange(target) + 0.5) * source / target - 0.5, 0, source - 1)
        low = np.floor(position).astype(np.int64)
        weight = (position - low).astype(np.float32).reshape([-1 if each == axis else 1 for each in range(images.ndim)])
        high = np.minimum(low + 1, source - 1)
        images = images.take(low, axis) * (1 - weight) + images.take(high, axis) * weight
    return images


def resize_nodes(
    size: tuple[int, int] | None, channels: int, source: str, result: str
) -> tuple[list[NodeProto], list[TensorProto]]:
    """The same of images NHWC as ONNX nodes and constants, from opset 11 on. Without a size nothing changes."""
    if size is None:
        return [helper.make_node("Identity", [source], [result])], []
    numbers = {"first": [0], "size": [*size, channels]}
    constants = [
        numpy_helper.from_array(np.array(each, np.int64), f"{result}/{name}") for name, each in numbers.items()
    ]
    constants.append(numpy_helper.from_array(np.empty(0, np.float32), f"{result}/unused"))  # opset 11 wants them named
    nodes = [
        helper.make_node("Shape", [source], [f"{result}/shape"]),
        helper.make_node("Gather", [f"{result}/shape", f"{result}/first"], [f"{result}/batch"]),
        helper.make_node("Concat", [f"{result}/batch", f"{result}/size"], [f"{result}/sizes"], axis=0),
        helper.make_node("Resize", [source, *[f"{result}/unused"] * 2, f"{result}/sizes"], [result], mode="linear"),
    ]
    return nodes, constants


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
