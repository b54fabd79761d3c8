"""The ONNX files of a model: `model.onnx`, or `<part>.onnx` for each part of a model that has several."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from atelier.errors import AtelierError
from atelier.onnx.model import OnnxModel


def part_files(folder: Path, names: Iterable[str]) -> dict[str, Path]:
    """Part → its file in a model's folder.

    Parameters
    ----------
    folder
        A job's folder, or a model's folder in the BentoML store.
    names
        The parts, as `ModelSpec.parts` names them.

    Raises
    ------
    AtelierError
        When a file is missing.
    """
    files = {name: folder / f"{name}.onnx" for name in names}
    for name, path in files.items():
        if not path.exists():
            raise AtelierError(f"The part {name!r} is missing: there is no file {path}.")
    return files


def open_parts(files: Mapping[str, Path], threads: int = 1) -> dict[str, OnnxModel]:
    """Part → its session.

    Parameters
    ----------
    files
        Part → path of its ONNX file, from `part_files` or `Registry.onnx`.
    threads
        Threads of one call, as in `OnnxModel`; 0 lets ONNX Runtime choose.
    """
    return {name: OnnxModel(path, threads) for name, path in files.items()}
