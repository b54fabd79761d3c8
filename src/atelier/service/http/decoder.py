"""Processes that decode images, and that are killed when one takes too long.

A decoder runs in C and cannot be interrupted: a thread that waits for it would keep a core busy long after its request
has been answered.
"""

import json
import os
import subprocess
import sys
from multiprocessing import Pipe
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.preprocessing.images import Fit, Rejected

Pixels = NDArray[np.uint8]
SOURCES = Path(__file__).parents[3]
"""The folder of the package."""
START_S = 60
"""Maximum time in seconds for the start of a process, which usually takes less than one."""


class DecoderProcess:
    """One process. It decodes one image at a time."""

    def __init__(self) -> None:
        self._connection, theirs = Pipe()
        path = os.pathsep.join(filter(None, [str(SOURCES), os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "atelier.service.http.decoder_process", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"},
        )
        theirs.close()
        self._started = False

    def decode(self, request: dict[str, Any], content: bytes, seconds: float) -> tuple[Pixels, tuple[int, int]]:
        """Decode an image.

        Raises
        ------
        TimeoutError
            If it takes longer. The process must be killed then.
        EOFError, OSError
            If the process has died.
        Rejected
            If the image cannot be used.
        """
        if not self._started:
            if not self._connection.poll(START_S):
                raise EOFError("the process does not start")
            self._connection.recv_bytes()
            self._started = True
        self._connection.send_bytes(json.dumps(request).encode())
        self._connection.send_bytes(content)
        if not self._connection.poll(seconds):
            raise TimeoutError
        answer = json.loads(self._connection.recv_bytes())
        if "reason" in answer:
            raise Rejected(answer["reason"], answer["detail"])
        pixels = np.frombuffer(self._connection.recv_bytes(), np.uint8)
        return pixels.reshape(answer["shape"]), tuple(answer["size"])

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._connection.close()


class Decoder:
    """As many processes as requests decode at the same time. They are started when they are needed, and kept.

    Parameters
    ----------
    seconds
        Maximum time for one image. It does not include the start of the process.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._idle: list[DecoderProcess] = []
        self._lock = Lock()

    def photo(self, content: bytes, max_side: int, pixels: int) -> tuple[Pixels, tuple[int, int]]:
        """`decoding.decode_photo` in one of the processes. Errors as for `_decode`."""
        return self._decode({"max_side": max_side, "pixels": pixels}, content)

    def square(self, content: bytes, size: int, pixels: int, fit: Fit) -> Pixels:
        """`decode_square` in one of the processes. Errors as for `_decode`."""
        return self._decode({"square": size, "pixels": pixels, "fit": fit}, content)[0]

    def drawing(self, content: bytes, pixels: int) -> Pixels:
        """`decoding.decode_drawing` in one of the processes. Errors as for `_decode`."""
        return self._decode({"pixels": pixels}, content)[0]

    def _decode(self, request: dict[str, Any], content: bytes) -> tuple[Pixels, tuple[int, int]]:
        """Decode an image.

        Raises
        ------
        Rejected
            If the image cannot be used, or takes too long (`too slow`), or the decoder crashes (`damaged file`).
        """
        process = self._take()
        try:
            answer = process.decode(request, content, self._seconds)
        except Rejected:
            self._give_back(process)
            raise
        except TimeoutError:
            process.kill()
            raise Rejected("too slow", f"more than {self._seconds:g} s") from None
        except (EOFError, OSError):
            process.kill()
            raise Rejected("damaged file", "the decoder failed") from None
        except BaseException:
            process.kill()
            raise
        self._give_back(process)
        return answer

    def _take(self) -> DecoderProcess:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return DecoderProcess()

    def _give_back(self, process: DecoderProcess) -> None:
        with self._lock:
            self._idle.append(process)

    def start(self) -> None:
        """Start one process, so that the first request does not wait for it."""
        self._give_back(self._take())

    def close(self) -> None:
        """End the processes that are idle."""
        with self._lock:
            while self._idle:
                self._idle.pop().kill()
