"""A real `bentoml serve` on a free port, with its own model store."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.helpers.classifier_champion import FAMILY

ROOT = Path(__file__).parents[2]
READY_WITHIN = 60
"""Seconds. Usually it takes less, but other tests may run at the same time."""


def store_model(home: Path, champion: Path, version: str = "1", family: str = FAMILY) -> None:
    """Copy a champion's folder into the model store at `home`, in another process because BentoML's home is fixed."""
    script = (
        "import bentoml, shutil, sys\n"
        "with bentoml.models.create(sys.argv[1]) as model:\n"
        "    shutil.copytree(sys.argv[2], model.path, dirs_exist_ok=True)\n"
    )
    tag = f"{family}:v{version}"
    subprocess.run([sys.executable, "-c", script, tag, str(champion)], env=environment(home), check=True, timeout=60)


def environment(home: Path, **extra: str) -> dict[str, str]:
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "BENTOML_HOME": str(home),
        "BENTOML_DO_NOT_TRACK": "True",
        "OMP_NUM_THREADS": "1",
        **extra,
    }


@contextmanager
def serving(home: Path, *arguments: str, cwd: Path = ROOT, **extra: str) -> Iterator[httpx.Client]:
    """Start a service and wait until it has loaded its champions, if there are any. Yields a client."""
    home.mkdir(parents=True, exist_ok=True)
    port = free_port()
    command = [str(Path(sys.executable).with_name("bentoml")), "serve", *arguments, "--port", str(port)]
    with _log(home, port).open("w") as log:
        process = subprocess.Popen(command, cwd=cwd, env=environment(home, **extra), stdout=log, stderr=log)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
                _wait_until_started(client, process)
                yield client
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def log_of(client: httpx.Client, home: Path) -> str:
    """The log of the service so far."""
    assert client.base_url.port
    return _log(home, client.base_url.port).read_text()


def _log(home: Path, port: int) -> Path:
    return home.parent / f"serve-{port}.log"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_started(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + READY_WITHIN
    while time.monotonic() < end and process.poll() is None:
        try:
            if client.get("/livez").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"The service did not start (exit code {process.poll()}).")
