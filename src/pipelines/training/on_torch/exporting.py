"""From a module to an ONNX file."""

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
    """Export `module` in evaluation mode; the same weights give the same bytes.

    Parameters
    ----------
    example
        Argument of `forward` → a tensor, in the order of the arguments. No dynamic axis may be 1 in it: the exporter
        would take it for fixed.
    outputs
        Names of what `forward` returns.
    dynamic
        Argument → its axes of any size, each a `torch.export.Dim`.
    """
    with quiet("torch.onnx", "onnxscript", "onnx_ir"):  # reports on every node it folds
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
    _forget_origins(model)
    onnx.checker.check_model(model, full_check=True)
    write_atomically(target, model.SerializeToString(deterministic=True))


def _forget_origins(model: onnx.ModelProto) -> None:
    """Drop the exporter's notes on source lines: they name files of this machine, and change with every line."""
    del model.graph.metadata_props[:]
    model.graph.doc_string = ""
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""


def parameter_count(model: nn.Module) -> int:
    """Number of trainable parameters."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
