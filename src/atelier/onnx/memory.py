"""Peak memory of one answer of an ONNX model, measured in a process of its own.

In this process, earlier work has already raised the peak.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from atelier.onnx.model import OnnxModel


def peak_memory(source: Path | bytes, inputs: Mapping[str, NDArray[Any]]) -> float | None:
    """Peak memory of a process that loads an ONNX file and answers once, on one thread.

    Parameters
    ----------
    source
        Path or bytes of the `.onnx` file.
    inputs
        Input name → array with a batch axis.

    Returns
    -------
    float or None
        In MB. Python, NumPy and ONNX Runtime are included: about 80 MB. None when the process ends with an error, for
        example because there is not enough memory.
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
    print(process_peak())


def process_peak() -> float:
    """Peak memory of this process so far, in MB.

    On Linux it is read from /proc: `ru_maxrss` would include the memory of the parent process, and psutil has no peak.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    if sys.platform == "win32":
        return float(psutil.Process().memory_info().peak_wset / 1e6)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


if __name__ == "__main__":
    _main()
