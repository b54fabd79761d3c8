"""An adopted model: the adapted graphs with their spec, and what differed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray
from onnx import ModelProto, helper

from atelier.errors import BadInputError
from atelier.model_card import ModelSpec
from atelier.onnx.foreign import ForeignModel
from atelier.onnx.model import OnnxModel
from atelier.onnx.parity import difference_over_batches

UNKNOWN_DATA = "It was trained elsewhere: on what, and whether on today's test items, is not known here."
"""A limit of every adopted model."""


@dataclass(frozen=True)
class Adopted:
    """A model that was trained elsewhere, with the interface of a family."""

    contents: Mapping[str, bytes]
    """Part → its adapted ONNX file."""
    spec: ModelSpec
    parity: Mapping[str, float]
    """Part → largest difference between the outputs of the adapted file and of the one that came."""
    parameters: int
    differences: tuple[str, ...]
    """What differed from the family, in sentences."""


class Adaptation(Protocol):
    """How a file gets a family's interface."""

    def apply(self, model: ForeignModel) -> ModelProto:
        """The adapted graph."""

    def reference(self, model: ForeignModel) -> Callable[..., dict[str, NDArray[Any]]]:
        """The file as it came, called as the adapted one: all conversions are done in NumPy instead of in the graph."""


def adapted_graph(model: ForeignModel, adaptation: Adaptation, **properties: str) -> bytes:
    """The adapted graph as an ONNX file, which ONNX Runtime can open.

    Properties are part of the file: with others it is another version.

    Raises
    ------
    BadInputError
        When it does not run.
    """
    try:
        proto = adaptation.apply(model)
        helper.set_model_props(proto, properties)
        content: bytes = proto.SerializeToString(deterministic=True)
        OnnxModel(content)
    except Exception as error:  # of ONNX or ONNX Runtime, which have no common base
        raise BadInputError(
            f"{model.path} cannot be adapted ({str(error).splitlines()[0][:300]}). "
            "Export it with opset 18 and a dynamic batch axis."
        ) from error
    return content


def parity(
    model: ForeignModel,
    adaptation: Adaptation,
    content: bytes,
    inputs: Mapping[str, NDArray[Any]],
    batches: Iterable[int],
) -> float:
    """Largest difference between the adapted file and the one that came, in batches of several sizes.

    Raises
    ------
    BadInputError
        When the adapted file does not take batches of every size.
    """
    try:
        return difference_over_batches(adaptation.reference(model), OnnxModel(content, threads=0), inputs, batches)
    except Exception as error:  # ONNX Runtime has an error for each operator that does not follow the batch
        raise BadInputError(
            f"The graph of {model.path} does not follow the size of the batch ({str(error).splitlines()[0][:200]}). "
            "Export it with a dynamic batch axis."
        ) from error
