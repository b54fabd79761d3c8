"""Export of Keras models to ONNX."""

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
    """Export a model to one ONNX file. The axes of inputs and outputs get the names in `spec`.

    Parameters
    ----------
    model
        Its inputs have names, in the order of `spec.inputs`; its output is a dictionary.
    spec
        The interface of the file.
    target
        Path of the `.onnx` file.
    """
    inputs = [keras.InputSpec(shape=x.shape, dtype=x.dtype, name=x.name) for x in model.inputs]
    signature = [inputs] if len(inputs) > 1 else inputs  # Keras takes several inputs as one list
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # the exporter uses names that NumPy has deprecated
        path = Path(folder, "model.onnx")
        model.export(path, format="onnx", input_signature=signature, opset_version=OPSET, verbose=False)
        exported = onnx.load(path)
    _name_axes(exported.graph.input, spec.inputs)
    _name_axes(exported.graph.output, spec.outputs)
    onnx.checker.check_model(exported, full_check=True)
    write_atomically(target, exported.SerializeToString(deterministic=True))


def parameter_count(model: keras.Model) -> int:
    """Number of trainable parameters."""
    return int(sum(np.prod(weight.shape) for weight in model.trainable_variables))


def _name_axes(values: Sequence[onnx.ValueInfoProto], specs: Sequence[TensorSpec]) -> None:
    """Replace the numbered names that the exporter gives to dynamic axes."""
    shapes = {spec.name: spec.shape for spec in specs}
    for value in values:
        for axis, name in zip(value.type.tensor_type.shape.dim, shapes[value.name], strict=True):
            if isinstance(name, str):
                axis.dim_param = name
