"""An ONNX file as a callable."""

import os
from pathlib import Path
from typing import Any

import onnxruntime
from numpy.typing import NDArray


class OnnxModel:
    """An ONNX file in an ONNX Runtime session on the CPU.

    Parameters
    ----------
    source
        Path or bytes of the `.onnx` file.
    threads
        Threads of one call; 0: `OMP_NUM_THREADS`, else all cores. Several models with one thread each serve more
        requests than one model with several threads.
    """

    def __init__(self, source: Path | bytes, threads: int = 1) -> None:
        self.source = source
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or int((os.environ.get("OMP_NUM_THREADS") or "0").split(",")[0])
        options.inter_op_num_threads = 1
        content = source if isinstance(source, bytes) else str(source)
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self.outputs: tuple[str, ...] = tuple(output.name for output in self._session.get_outputs())

    def input_shape(self, name: str) -> tuple[int | str, ...]:
        """Size of each axis of an input. A string is the name of a dynamic axis."""
        return next(tuple(each.shape) for each in self._session.get_inputs() if each.name == name)

    def __call__(self, **inputs: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """Run one batch: input name → array in, output name → array out."""
        return dict(zip(self.outputs, self._session.run(None, inputs), strict=True))

    def only(self, output: str, **inputs: NDArray[Any]) -> NDArray[Any]:
        """One output of one batch. What it does not depend on is not computed. All inputs must be given."""
        options = onnxruntime.RunOptions()
        options.only_execute_path_to_fetches = True
        answer: NDArray[Any] = self._session.run([output], inputs, options)[0]
        return answer
