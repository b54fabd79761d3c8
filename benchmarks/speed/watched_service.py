"""A service that a benchmark starts in a project folder, and watches."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil

STROKES = {"strokes": [[[40, 40, 215, 215], [110, 255, 255, 110]], [[0, 128, 255], [120, 0, 120]]]}


class Service:
    """A running service and its processes."""

    def __init__(self, port: int, pid: int, log: Path) -> None:
        self.port, self.log = port, log
        self.url = f"http://127.0.0.1:{port}"
        self._client = httpx.Client(timeout=60)  # a new one for each request would take longer than the request
        self._root = psutil.Process(pid)

    def tree(self) -> list[psutil.Process]:
        return [self._root, *self._root.children(recursive=True)]

    def memory(self) -> float:
        """Resident memory of all processes in MB."""
        total = 0
        for process in self.tree():
            with suppress(psutil.Error):
                total += process.memory_info().rss
        return total / 2**20

    def cpu(self) -> float:
        """Processor seconds of all processes that live."""
        total = 0.0
        for process in self.tree():
            with suppress(psutil.Error):
                total += sum(process.cpu_times()[:2])
        return total

    def classify(self) -> tuple[int, float]:
        """Status and seconds of a small request."""
        begin = time.perf_counter()
        with suppress(httpx.HTTPError):
            status = self._client.post(f"{self.url}/classify_drawing", json=STROKES).status_code
            return status, time.perf_counter() - begin
        return 0, time.perf_counter() - begin


@contextmanager
def serving(project: Path) -> Iterator[Service]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    log = Path(tempfile.mkstemp(suffix=".log")[1])
    environment = {
        **os.environ,
        "PYTHONPATH": str(project / "src"),
        "OMP_NUM_THREADS": "1",
        "BENTOML_DO_NOT_TRACK": "True",
    }
    command = [str(Path(sys.executable).parent / "bentoml"), "serve", "--port", str(port)]
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=project, env=environment, stdout=out, stderr=out)
    try:
        service = Service(port, process.pid, log)
        while process.poll() is None:
            with suppress(httpx.TransportError):
                if httpx.get(f"{service.url}/readyz").status_code == 200:
                    break
            time.sleep(0.05)
        service.classify()
        yield service
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
