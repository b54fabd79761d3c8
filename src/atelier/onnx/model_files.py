"""The files of an ONNX model: its graph, and files beside it that hold weights."""

import hashlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import onnx
from google.protobuf.message import DecodeError, Message
from onnx.external_data_helper import ExternalDataInfo, uses_external_data

from atelier.atomic_files import digest
from atelier.errors import BadInputError
from atelier.relative_names import is_inside


def model_files(path: Path) -> tuple[Path, ...]:
    """The graph, and the files to which it refers for weights, by name.

    Raises
    ------
    BadInputError
        When the graph is no ONNX file, or one of the others is missing, or neither beside the graph nor in a folder
        there.
    """
    try:
        graph = onnx.load(path, load_external_data=False)
    except DecodeError as error:
        raise BadInputError(f"{path} is not an ONNX model ({error}). Export it with opset 18.") from error
    external = (tensor for tensor in _tensors(graph) if uses_external_data(tensor))
    names = sorted({PurePosixPath(ExternalDataInfo(tensor).location).as_posix() for tensor in external})
    outside = [name for name in names if not is_inside(name)]
    if outside:
        raise BadInputError(
            f"{path} refers for weights to {', '.join(outside)}, which is not beside it. Export the "
            "model again as one file, or with the weights beside the graph."
        )
    missing = [str(path.parent / name) for name in names if not (path.parent / name).is_file()]
    if missing:
        raise BadInputError(
            f"{path} has weights in files beside it, and there is no file {', '.join(missing)}. Put it there, with "
            f"the name that it had when it was exported. Or use a model of one file. {_one_file(path)}"
        )
    return path, *(path.parent / name for name in names)


def model_digest(path: Path) -> str:
    """SHA-256 of a model: of the file, or, where weights are in files of their own, of the hashes of all of them.

    Raises
    ------
    BadInputError
        As `model_files`.
    """
    hashes = [digest(file, "sha256") for file in model_files(path)]
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()


def _one_file(path: Path) -> str:
    return f'Where all files are, in Python: import onnx; onnx.save(onnx.load("{path.name}"), "one_file.onnx").'


def _tensors(message: Message) -> Iterator[onnx.TensorProto]:
    """Every tensor in a model, also those of subgraphs and functions."""
    if isinstance(message, onnx.TensorProto):
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type is not None:
            for each in [value] if isinstance(value, Message) else value:
                yield from _tensors(each)
