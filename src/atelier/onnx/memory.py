"""How much memory one answer needs, measured in a process of its own: in this one, others have left their peaks."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.onnx.model import OnnxModel


def peak_memory(source: Path | bytes, inputs: Mapping[str, NDArray[Any]]) -> float | None:
    """The most memory, in MB, that a process ever holds which loads an ONNX file and answers once, on one thread.

    Python, NumPy and ONNX Runtime are in it: some 80 MB. None where the process dies, such as for want of memory.

    Parameters
    ----------
    source
        Path or bytes of the `.onnx` file.
    inputs
        Input name → array with a batch axis.
    """
    with TemporaryDirectory() as temporary:
        file, arrays = Path(temporary, "model.onnx"), Path(temporary, "inputs.npz")
        if isinstance(source, bytes):
            file.write_bytes(source)
        np.savez(arrays, allow_pickle=False, **inputs)
        path = file if isinstance(source, bytes) else source
        command = [sys.executable, "-m", __name__, str(path), str(arrays)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return float(done.stdout) if done.returncode == 0 else None


def _main() -> None:
    with np.load(sys.argv[2]) as arrays:
        OnnxModel(Path(sys.argv[1]))(**arrays)
    print(_peak())


def _peak() -> float:
    """MB. Linux counts what this process's parent held into `ru_maxrss`, so it is asked elsewhere."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


if __name__ == "__main__":
    _main()
