"""Export of PyTorch modules to ONNX."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import onnx
import torch
from torch import Tensor, nn

from atelier.atomic_files import write_atomically
from pipelines.training.on_torch.quiet import quiet

OPSET = 18


def write_onnx(
    module: nn.Module,
    example: Mapping[str, Tensor],
    outputs: Sequence[str],
    dynamic: Mapping[str, Mapping[int, Any]],
    target: Path,
) -> None:
    """Export `module` in evaluation mode to one ONNX file. The same weights give the same bytes.

    Parameters
    ----------
    example
        Argument of `forward` → example tensor, in the order of the arguments. Dynamic axes must be larger than 1,
        because the exporter treats axes of size 1 as fixed.
    outputs
        Names of the outputs of `forward`.
    dynamic
        Argument → its dynamic axes: index → `torch.export.Dim`.
    target
        Path of the `.onnx` file.
    """
    with quiet("torch.onnx", "onnxscript", "onnx_ir"):  # they log every node that is folded
        program = torch.onnx.export(
            module.eval(),
            tuple(example.values()),
            dynamo=True,
            opset_version=OPSET,
            input_names=list(example),
            output_names=list(outputs),
            dynamic_shapes={name: dict(dynamic.get(name, {})) for name in example},
            external_data=False,
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    _remove_metadata(model)
    onnx.checker.check_model(model, full_check=True)
    write_atomically(target, model.SerializeToString(deterministic=True))


def _remove_metadata(model: onnx.ModelProto) -> None:
    """Remove the exporter's metadata: it contains paths and line numbers of the source files."""
    del model.graph.metadata_props[:]
    model.graph.doc_string = ""
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""


def parameter_count(model: nn.Module) -> int:
    """Number of trainable parameters."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
