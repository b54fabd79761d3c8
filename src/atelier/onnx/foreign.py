"""ONNX files that were exported elsewhere: their interface, a dynamic batch axis, and the activations of a layer."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import onnx
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, compose, helper, numpy_helper

from atelier.errors import BadInputError
from atelier.model_card import Tensor
from atelier.onnx.model import OnnxModel
from atelier.onnx.model_files import model_files

PREFIX = "adopted/"
"""Beginning of all names inside an adopted graph, so that none meets a name of the contract."""
_LINEAR = frozenset({"Gemm", "MatMul"})
_AFTER_LINEAR = frozenset(
    {"Add", "Cast", "Clip", "Div", "Exp", "Flatten", "Identity", "Log", "LogSoftmax", "Mul", "Reshape", "Sigmoid"}
    | {"Softmax", "Squeeze", "Sub"}
)
"""Operators that may follow the last linear layer of a classifier."""


@dataclass(frozen=True)
class ForeignModel:
    """An ONNX file that this project has not exported.

    Attributes
    ----------
    path
        The file.
    proto
        Its content, with the weights.
    inputs, outputs
        Its interface; an axis without a size has a name or `?`.
    """

    path: Path
    proto: ModelProto
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file and check that ONNX Runtime runs it.

        Raises
        ------
        BadInputError
            When there is no such file, a file with its weights is missing, or it is not a model that can be run here.
        """
        if not path.is_file():
            raise BadInputError(f"There is no file {path}. Give the exported model with --params onnx=path/model.onnx.")
        try:
            model_files(path)
            proto = onnx.load(path)
            inputs = [value for value in proto.graph.input if value.name not in _constants(proto)]
            read = cls(path, proto, tuple(map(_tensor, inputs)), tuple(map(_tensor, proto.graph.output)))
            OnnxModel(path)
        except BadInputError:
            raise
        except Exception as error:  # of protobuf, ONNX or ONNX Runtime, which have no common base
            raise BadInputError(
                f"{path} is not an ONNX model that ONNX Runtime runs here ({_first_line(error)}). "
                "Export it with opset 18 and only standard operators."
            ) from error
        return read

    @property
    def fixed_batch(self) -> int | None:
        """The size of the batch when the file takes no other."""
        first = self.inputs[0].shape[0] if self.inputs[0].shape else None
        return first if isinstance(first, int) else None

    @property
    def parameters(self) -> int:
        """Number of weights. Vectors and matrices count, single numbers and shapes do not."""
        weights = (each for each in self.proto.graph.initializer if each.data_type in _FLOATS)
        return sum(math.prod(each.dims) for each in weights if each.dims)

    def with_dynamic_batch(self) -> ModelProto:
        """A copy whose names begin with `PREFIX` and that takes batches of any size.

        Whether every operator follows the batch must be checked by running it.
        """
        proto = compose.add_prefix(self.proto, PREFIX)
        del proto.graph.value_info[:]
        for value in [*proto.graph.input, *proto.graph.output]:
            if value.type.tensor_type.shape.dim and value.name not in _constants(proto):
                value.type.tensor_type.shape.dim[0].dim_param = "batch"
        if self.fixed_batch is not None:
            _free_reshapes(proto, self.fixed_batch)
        return proto


def surrounded(
    proto: ModelProto,
    before: Iterable[NodeProto],
    after: Iterable[NodeProto],
    constants: Iterable[TensorProto],
    interface: tuple[ValueInfoProto, Sequence[ValueInfoProto]],
) -> ModelProto:
    """A model with nodes before and after its graph, and a new interface: the input, and the outputs."""
    graph, (image, outputs) = proto.graph, interface
    adapted = helper.make_model(
        helper.make_graph(
            [*before, *graph.node, *after], "adopted", [image], outputs, [*constants, *graph.initializer]
        ),
        opset_imports=proto.opset_import,
        ir_version=proto.ir_version,
        functions=proto.functions,
    )
    onnx.checker.check_model(adapted)
    return adapted


def value_info(tensor: Tensor) -> ValueInfoProto:
    """An input or output of a graph."""
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(tensor.dtype))
    return helper.make_tensor_value_info(tensor.name, kind, list(tensor.shape))


_FLOATS = (onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16, onnx.TensorProto.BFLOAT16, onnx.TensorProto.DOUBLE)


def last_activations(proto: ModelProto, output: str) -> str:
    """The name of the tensor that the last linear layer before an output reads; the output's own where there is none.

    A classifier's last linear layer reads the features of its images (Donahue et al., DeCAF, 2014).
    """
    producers = {name: node for node in proto.graph.node for name in node.output}
    constants, tensor = _constants(proto), output
    while tensor in producers:
        node = producers[tensor]
        if node.op_type in _LINEAR:
            return str(node.input[0])
        inputs = [name for name in node.input if name not in constants and _is_computed(name, producers)]
        if node.op_type not in _AFTER_LINEAR or len(inputs) != 1:
            break
        tensor = inputs[0]
    return output


def _is_computed(name: str, producers: dict[str, NodeProto]) -> bool:
    return name not in producers or producers[name].op_type != "Constant"


def _free_reshapes(proto: ModelProto, batch: int) -> None:
    """Replace the fixed batch in the constant shapes of `Reshape`."""
    shapes = {node.input[1] for node in proto.graph.node if node.op_type == "Reshape"}
    for initializer in proto.graph.initializer:
        if initializer.name in shapes:
            initializer.CopyFrom(_free(initializer, batch))
    for node in proto.graph.node:
        if node.op_type == "Constant" and node.output[0] in shapes:
            for attribute in node.attribute:
                if attribute.name == "value":
                    attribute.t.CopyFrom(_free(attribute.t, batch))


def _free(shape: onnx.TensorProto, batch: int) -> onnx.TensorProto:
    values = numpy_helper.to_array(shape).copy()
    if values.ndim == 1 and len(values) > 1 and values[0] == batch:
        values[0] = 0 if -1 in values[1:] else -1  # 0: as in the input, -1: what is left
    return numpy_helper.from_array(values, shape.name)


def _constants(proto: ModelProto) -> set[str]:
    return {initializer.name for initializer in proto.graph.initializer}


def _tensor(value: ValueInfoProto) -> Tensor:
    kind = value.type.tensor_type
    dtype = helper.tensor_dtype_to_np_dtype(kind.elem_type).name if kind.elem_type else "unknown"
    return Tensor(name=value.name, dtype=dtype, shape=tuple(_axes(kind.shape.dim)))


def _axes(dims: Iterable[onnx.TensorShapeProto.Dimension]) -> Iterable[int | str]:
    return (dim.dim_value if dim.dim_value > 0 else dim.dim_param or "?" for dim in dims)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:300]
