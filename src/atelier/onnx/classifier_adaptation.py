"""A classifier that was exported elsewhere gets the interface of a family: nodes before and after its graph.

uint8 images → float → scale and offset → size → layout → [the graph as it was] → probabilities, activations
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper

from atelier.model_card import Tensor
from atelier.onnx.foreign import PREFIX, ForeignModel, last_activations, surrounded, value_info
from atelier.onnx.image_layout import ImageLayout, conversion_nodes, convert, resize_nodes, resized
from atelier.onnx.model import OnnxModel
from atelier.onnx.pixel_range import RANGES, PixelRange

CHUNK = 256
"""Number of images that are computed at a time."""


class Scores(StrEnum):
    """What a classifier returns for the classes."""

    PROBABILITIES = "probabilities"
    LOG_PROBABILITIES = "logarithms of probabilities"
    INDEPENDENT = "a probability for each class alone, which do not sum to 1"
    LOGITS = "logits"

    @classmethod
    def of(cls, values: NDArray[np.float32]) -> "Scores":
        """Recognize them by their values (n, classes)."""
        if (values >= 0).all() and np.allclose(values.sum(1), 1, atol=1e-3):
            return cls.PROBABILITIES
        if (values <= 0).all() and np.allclose(np.exp(values).sum(1), 1, atol=1e-3):
            return cls.LOG_PROBABILITIES
        return cls.INDEPENDENT if ((values >= 0) & (values <= 1)).all() else cls.LOGITS

    def to_probabilities(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, classes) → probabilities that sum to 1 in each row."""
        if self is Scores.LOGITS:
            values = np.exp(values - values.max(1, keepdims=True))
        elif self is Scores.LOG_PROBABILITIES:
            values = np.exp(values)
        rescaled: NDArray[np.float32] = (
            values if self is Scores.PROBABILITIES else values / values.sum(1, keepdims=True)
        )
        return rescaled


@dataclass(frozen=True)
class ClassifierAdaptation:
    """How a foreign classifier gets a family's interface.

    Attributes
    ----------
    image, probabilities
        Input and output of the family's contract.
    activations
        Another output of the contract, for the last layer's activations; None without one.
    source, scores_output
        Input and output of the file.
    layout, source_layout
        Layouts of `image` and of `source`.
    pixels
        The range that the file expects.
    scores
        What the file returns.
    """

    image: Tensor
    probabilities: Tensor
    activations: Tensor | None
    source: Tensor
    scores_output: Tensor
    layout: ImageLayout
    source_layout: ImageLayout
    pixels: PixelRange = RANGES[0]
    scores: Scores = Scores.PROBABILITIES

    def apply(self, model: ForeignModel) -> ModelProto:
        """The adapted graph, which takes batches of any size."""
        proto = model.with_dynamic_batch()
        before, constants = self._input_nodes()
        outputs = [self.probabilities.model_copy(update={"shape": ("batch", "classes")})]
        if self.activations:
            outputs.append(self.activations.model_copy(update={"shape": ("batch", "features")}))
        interface = value_info(self.image), [value_info(output) for output in outputs]
        return surrounded(proto, before, self._output_nodes(proto), constants, interface)

    def reference(self, model: ForeignModel) -> Callable[..., dict[str, NDArray[Any]]]:
        """The file as it came, called as the adapted one: all conversions are done in NumPy instead of in the graph."""
        session, batch = OnnxModel(model.path), model.fixed_batch or CHUNK

        def call(**inputs: NDArray[Any]) -> dict[str, NDArray[Any]]:
            images = inputs[self.image.name]
            chunks = (self._converted(images[start : start + batch]) for start in range(0, len(images), batch))
            outputs = [_padded(session, self.source.name, each, model.fixed_batch) for each in chunks]
            values = (
                np.concatenate([output[self.scores_output.name] for output in outputs])[: len(images)]
                .reshape(len(images), -1)
                .astype(np.float32)
            )
            return {self.probabilities.name: self.scores.to_probabilities(values)}

        return call

    @property
    def size(self) -> tuple[int, int] | None:
        """The size to which images are resized; None: they have the file's."""
        return self.layout.resize_to(self.source_layout)

    def _converted(self, images: NDArray[Any]) -> NDArray[Any]:
        """Images of the contract as the file takes them."""
        levels = self.pixels.apply(images)
        if self.size:
            levels = resized(levels, self.size)
        return convert(levels, self.layout, self.source_layout).astype(self.source.dtype)

    def _input_nodes(self) -> tuple[list[NodeProto], list[TensorProto]]:
        kind = helper.np_dtype_to_tensor_dtype(np.dtype(self.source.dtype))
        cast_levels = helper.make_node("Cast", [self.image.name], ["levels"], to=TensorProto.FLOAT)
        scale, numbers = self.pixels.nodes("levels", "shifted")
        resize, sizes = resize_nodes(self.size, self.layout.channels, "shifted", "resized")
        layout, shapes = conversion_nodes(self.layout, self.source_layout, "resized", "laid_out")
        cast = helper.make_node("Cast", ["laid_out"], [PREFIX + self.source.name], to=kind)
        return [cast_levels, *scale, *resize, *layout, cast], [*numbers, *sizes, *shapes]

    def _output_nodes(self, proto: ModelProto) -> list[NodeProto]:
        scores = PREFIX + self.scores_output.name
        nodes = [
            helper.make_node("Flatten", [scores], ["flat_scores"], axis=1),
            helper.make_node("Cast", ["flat_scores"], ["scores"], to=TensorProto.FLOAT),
        ]
        operators: dict[Scores, tuple[str, dict[str, int]]] = {
            Scores.PROBABILITIES: ("Identity", {}),
            Scores.LOG_PROBABILITIES: ("Exp", {}),
            Scores.INDEPENDENT: ("LpNormalization", {"axis": 1, "p": 1}),  # values divided by their sum
            Scores.LOGITS: ("Softmax", {"axis": 1}),
        }
        operator, attributes = operators[self.scores]
        nodes.append(helper.make_node(operator, ["scores"], [self.probabilities.name], **attributes))
        if self.activations:
            tensor = last_activations(proto, scores)
            nodes.append(helper.make_node("Flatten", [tensor], ["flat_activations"], axis=1))
            nodes.append(helper.make_node("Cast", ["flat_activations"], [self.activations.name], to=TensorProto.FLOAT))
        return nodes


def _padded(session: OnnxModel, name: str, images: NDArray[Any], batch: int | None) -> dict[str, NDArray[Any]]:
    """The outputs for a batch; filled with zeros to the size that the file takes."""
    missing = (batch or len(images)) - len(images)
    return session(**{name: np.concatenate([images, np.zeros((missing, *images.shape[1:]), images.dtype)])})
