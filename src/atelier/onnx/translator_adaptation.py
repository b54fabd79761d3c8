"""A network from elsewhere that turns images into images gets the interface of a family.

float32 RGB, 0 to 255 → padding to a size that the graph takes → scale and offset → layout → [the graph as it was]
→ layout → RGB, 0 to 255 → cropped to the size of the image
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from atelier.model_card import Tensor
from atelier.onnx.foreign import PREFIX, ForeignModel, surrounded, value_info
from atelier.onnx.image_layout import ANY_RGB, ImageLayout, conversion_nodes, convert
from atelier.onnx.model import OnnxModel
from atelier.onnx.pixel_range import RANGES, PixelRange

Nodes = tuple[list[NodeProto], list[TensorProto]]
"""Nodes of a graph, and their constants."""
AXES = {"height": 1, "width": 2}
"""Of images in the family's layout."""


@dataclass(frozen=True)
class TranslatorAdaptation:
    """How a foreign network gets a family's interface.

    Attributes
    ----------
    image, picture
        Input and output of the family's contract: float32 (batch, height, width, 3), 0 to 255.
    source, result
        Input and output of the file.
    source_layout, result_layout
        Layouts of `source` and of `result`.
    multiple
        The file takes images whose height and width are multiples of this.
    takes, returns
        The ranges of `source` and `result`.
    """

    image: Tensor
    picture: Tensor
    source: Tensor
    result: Tensor
    source_layout: ImageLayout
    result_layout: ImageLayout
    multiple: int
    takes: PixelRange = RANGES[0]
    returns: PixelRange = RANGES[0]

    def apply(self, model: ForeignModel) -> ModelProto:
        """The adapted graph, which takes images of any size in batches of any size."""
        (before, numbers), (after, others) = self._input_nodes(), self._output_nodes()
        interface = value_info(self.image), [value_info(self.picture)]
        return surrounded(model.with_dynamic_batch(), before, after, [*numbers, *others], interface)

    def reference(self, model: ForeignModel) -> Callable[..., dict[str, NDArray[Any]]]:
        """The file as it came, called as the adapted one: all conversions are done in NumPy instead of in the graph."""
        session = OnnxModel(model.path, threads=0)

        def call(**inputs: NDArray[Any]) -> dict[str, NDArray[Any]]:
            values = np.concatenate([self.values(session, image[None]) for image in inputs[self.image.name]])
            return {self.picture.name: self.returns.inverse.apply(values).clip(0, 255)}

        return call

    def values(self, session: OnnxModel, image: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the file itself returns for one image (1, height, width, 3), in the family's layout."""
        height, width = image.shape[1:3]
        missing = [(0, -side % self.multiple) for side in (height, width)]
        padded = np.pad(image, [(0, 0), *missing, (0, 0)], mode="reflect")
        source = convert(self.takes.apply(padded), ANY_RGB, self.source_layout).astype(self.source.dtype)
        batch = self.source.shape[0] if isinstance(self.source.shape[0], int) else 1
        result = session(**{self.source.name: np.repeat(source, batch, 0)})[self.result.name][:1].astype(np.float32)
        return convert(result, self.result_layout, ANY_RGB)[:, :height, :width]

    def _input_nodes(self) -> Nodes:
        pad, sizes = self._padding_nodes()
        scale, numbers = self.takes.nodes("padded", "scaled")
        layout, shapes = conversion_nodes(ANY_RGB, self.source_layout, "scaled", "laid_out")
        kind = helper.np_dtype_to_tensor_dtype(np.dtype(self.source.dtype))
        cast = helper.make_node("Cast", ["laid_out"], [PREFIX + self.source.name], to=kind)
        return [*pad, *scale, *layout, cast], [*sizes, *numbers, *shapes]

    def _output_nodes(self) -> Nodes:
        cast = helper.make_node("Cast", [PREFIX + self.result.name], ["result"], to=TensorProto.FLOAT)
        layout, shapes = conversion_nodes(self.result_layout, ANY_RGB, "result", "result/laid_out")
        scale, numbers = self.returns.inverse.nodes("result/laid_out", "levels")
        ends = helper.make_node("Gather", ["image/shape", "image/axes"], ["image/size"])
        crop = helper.make_node("Slice", ["levels", "image/origin", "image/size", "image/axes"], ["cropped"])
        limits = [_constant("black", np.float32(0)), _constant("white", np.float32(255))]
        clip = helper.make_node("Clip", ["cropped", "black", "white"], [self.picture.name])
        return [cast, *layout, *scale, ends, crop, clip], [*shapes, *numbers, *limits]

    def _padding_nodes(self) -> Nodes:
        """Reflection at the lower and the right border: by indices, as `Pad` cannot add more than the image has."""
        nodes = [helper.make_node("Shape", [self.image.name], ["image/shape"])]
        numbers = {"zero": 0, "one": 1, "two": 2, "multiple": self.multiple, "multiple_minus_1": self.multiple - 1}
        constants = [_constant(f"image/{name}", np.int64(number)) for name, number in numbers.items()]
        constants += [_constant("image/axes", np.array([*AXES.values()])), _constant("image/origin", np.zeros(2, int))]
        source = self.image.name
        for name, axis in AXES.items():
            result = "padded" if axis == max(AXES.values()) else f"padded/{name}"
            constants.append(_constant(f"{name}/axis", np.int64(axis)))
            nodes += [*_index_nodes(name), helper.make_node("Gather", [source, f"{name}/index"], [result], axis=axis)]
            source = result
        return nodes, constants


def _index_nodes(name: str) -> list[NodeProto]:
    """The indices 0, 1, … last, last - 1, … 1, 0, 1 … of an axis, up to the next multiple."""
    steps = (
        ("Gather", "image/shape", f"{name}/axis", "side"),
        ("Add", f"{name}/side", "image/multiple_minus_1", "enough"),
        ("Div", f"{name}/enough", "image/multiple", "multiples"),
        ("Mul", f"{name}/multiples", "image/multiple", "end"),
        ("Sub", f"{name}/side", "image/one", "last"),
        ("Mul", f"{name}/last", "image/two", "period"),
        ("Range", "image/zero", f"{name}/end", "image/one", "place"),
        ("Mod", f"{name}/place", f"{name}/period", "phase"),
        ("Sub", f"{name}/phase", f"{name}/last", "beyond"),
        ("Abs", f"{name}/beyond", "distance"),
        ("Sub", f"{name}/last", f"{name}/distance", "index"),
    )
    return [helper.make_node(kind, inputs, [f"{name}/{result}"]) for kind, *inputs, result in steps]


def _constant(name: str, value: Any) -> TensorProto:
    return numpy_helper.from_array(np.asarray(value), name)
