"""A Keras model as one ONNX file."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np
import onnx

from atelier.atomic_files import write_atomically
from atelier.model_card import PartSpec
from atelier.model_card import Tensor as TensorSpec

OPSET = 18


def write_onnx(model: keras.Model, spec: PartSpec, target: Path) -> None:
    """Export a model with named inputs and a mapping of outputs; dynamic axes get the names that `spec` has for them.

    Parameters
    ----------
    model
        Called with the list of its inputs, in the order of `spec.inputs`.
    spec
        Its interface.
    target
        The `.onnx` file.
    """
    signature = [keras.InputSpec(shape=x.shape, dtype=x.dtype, name=x.name) for x in model.inputs]
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # the exporter looks for what an older NumPy had
        path = Path(folder, "model.onnx")
        model.export(path, format="onnx", input_signature=[signature], opset_version=OPSET, verbose=False)
        exported = onnx.load(path)
    _name_axes(exported.graph.input, spec.inputs)
    _name_axes(exported.graph.output, spec.outputs)
    onnx.checker.check_model(exported, full_check=True)
    write_atomically(target, exported.SerializeToString(deterministic=True))


def parameter_count(model: keras.Model) -> int:
    """Number of trainable parameters."""
    return int(sum(np.prod(weight.shape) for weight in model.trainable_variables))


def _name_axes(found: Sequence[onnx.ValueInfoProto], told: Sequence[TensorSpec]) -> None:
    """The exporter numbers dynamic axes."""
    shapes = {tensor.name: tensor.shape for tensor in told}
    for value in found:
        for axis, name in zip(value.type.tensor_type.shape.dim, shapes[value.name], strict=True):
            if isinstance(name, str):
                axis.dim_param = name
