"""The files of a model that is adopted. A `.keras` file becomes an ONNX file first."""

import hashlib
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from atelier.atomic_files import digest, replacing
from atelier.errors import BadInputError
from atelier.model_card import MODEL
from atelier.onnx.model_files import model_digest

CONVERTER = "pipelines.training.on_tensorflow.keras_file"
"""A program of its own, so that this process loads no training framework."""
KERAS = ".keras"


def model_paths(given: str | None, parts: Iterable[str]) -> dict[str, Path]:
    """Part → its file: the one that is given, or `<part>.onnx` or `<part>.keras` in the folder that is given.

    Raises
    ------
    BadInputError
        When nothing is given, or a file is missing.
    """
    if given is None:
        raise BadInputError(
            "Give the exported model: --params onnx=path/model.onnx, for classifiers with labels=path/labels.txt"
        )
    path, names = Path(str(given)), tuple(parts)
    if names == (MODEL,):
        if not path.is_file():
            raise BadInputError(f"There is no file {path}. Give the exported model with --params onnx=path/model.onnx.")
        return {MODEL: path}
    found = {name: [file for each in (KERAS, ".onnx") if (file := path / f"{name}{each}").is_file()] for name in names}
    missing = [f"{name}.onnx" for name, files in found.items() if not files]
    if missing:
        raise BadInputError(
            f"The family's models have the parts {', '.join(names)}. Give a folder with a file for each, --params "
            f"onnx=folder; {path} has no {', '.join(missing)}."
        )
    twice = [", ".join(file.name for file in files) for files in found.values() if len(files) > 1]
    if twice:
        raise BadInputError(f"{path} has two files of one part: {'; '.join(twice)}. Leave only the one to adopt.")
    return {name: files[0] for name, files in found.items()}


def files_digest(files: Mapping[str, Path]) -> str:
    """SHA-256 of the files as they came, with the files of their weights: of several, of all their hashes."""
    hashes = [digest(path, "sha256") if path.suffix == KERAS else model_digest(path) for path in files.values()]
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()


def as_onnx(path: Path, folder: Path, part: str) -> Path:
    """The path of the model as an ONNX file: the same path, or for a `.keras` file one in `folder`.

    A file that was converted before is taken: the converter numbers the names in a graph differently each time, and
    the same model would become another version.

    Raises
    ------
    BadInputError
        When a `.keras` file cannot be converted.
    """
    if path.suffix != KERAS:
        return path
    target = folder / f"converted_{part}.onnx"
    if not target.exists():
        with replacing(target) as new:
            _convert(path, new)
    return target


def _convert(path: Path, target: Path) -> None:
    command = [sys.executable, "-m", CONVERTER, str(path), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["it ended without a message"])[-1]
        raise BadInputError(
            f"{path} cannot be converted to ONNX: {reason}. Convert it where it was trained: "
            'model.export("model.onnx", format="onnx"), and adopt that file.'
        )
