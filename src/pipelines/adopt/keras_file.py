"""A `.keras` file becomes an ONNX file before it is adopted."""

import subprocess
import sys
from pathlib import Path

from atelier.errors import BadInputError

CONVERTER = "pipelines.training.on_tensorflow.keras_file"
"""A program of its own, so that this process loads no training framework."""


def is_keras(path: Path) -> bool:
    """Whether a path is that of a `.keras` file."""
    return path.suffix == ".keras"


def as_onnx(path: Path, folder: Path) -> Path:
    """The path of the model as an ONNX file: the same path, or for a `.keras` file one in `folder`.

    Raises
    ------
    BadInputError
        When a `.keras` file cannot be converted.
    """
    if not is_keras(path) or not path.is_file():
        return path
    target = folder / "converted.onnx"
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", CONVERTER, str(path), str(target)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["it ended without a message"])[-1]
        raise BadInputError(
            f"{path} cannot be converted to ONNX: {reason}. Convert it where it was trained: "
            'model.export("model.onnx", format="onnx"), and adopt that file.'
        )
    return target
