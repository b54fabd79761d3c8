"""Throughput, latency, start-up time and memory of the service, compared with the same handler without BentoML.

    python -m benchmarks.speed.service

Needs a packaged champion (`make run`, or BENTOML_HOME). Only the loopback interface is used. The client shares the
cores with the service, so the results are a lower bound.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil

from benchmarks.report import report

SECONDS = 4.0
CONCURRENCY = (1, 8, 32)
APP = "benchmarks.speed.plain_service:app"
BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[2]
STROKES = [
    [[40, 40, 215, 215], [110, 255, 255, 110]],
    [[0, 128, 255], [120, 0, 120]],
    [[105, 105, 150, 150], [255, 170, 170, 255]],
]


def bentoml_serve(port: int) -> list[str]:
    return [str(BIN / "bentoml"), "serve", "--port", str(port)]


def plain_serve(port: int) -> list[str]:
    return [sys.executable, "-m", "uvicorn", "--port", str(port), APP]


VARIANTS: dict[str, tuple[Any, dict[str, str]]] = {
    "BentoML, 1 worker": (bentoml_serve, {}),
    "BentoML, 2 workers": (bentoml_serve, {"ATELIER_WORKERS": "2"}),
    "Starlette alone, 1 worker": (plain_serve, {}),
}


def main() -> None:
    responses, starts = [], []
    for name, (command, extra) in VARIANTS.items():
        with running(command, extra) as (port, tree, ready):
            starts.append({"service": name, "ready s": ready, "CPU s": round(cpu(tree), 2), "RSS MB": memory(tree)})
            asyncio.run(load(port, 8, 0.5))  # the first requests allocate memory
            for concurrency in CONCURRENCY:
                before = cpu(tree)
                latencies = asyncio.run(load(port, concurrency, SECONDS))
                each = (cpu(tree) - before) / len(latencies) * 1000
                row = {"service": name, "in flight": concurrency, **figures(latencies)}
                responses.append({**row, "CPU ms each": round(each, 2)})
    packages = ("bentoml", "onnxruntime", "starlette")
    report("service", "POST /classify_drawing, strokes of three lines", responses, packages)
    report("service_start", "From the command to ready", starts, packages)


def figures(latencies: list[float]) -> dict[str, float]:
    p50, p95, p99 = np.percentile(np.array(latencies) * 1000, [50, 95, 99]).round(2).tolist()
    return {"requests/s": round(len(latencies) / SECONDS, 1), "p50 ms": p50, "p95 ms": p95, "p99 ms": p99}


def cpu(tree: list[psutil.Process]) -> float:
    """Processor time so far in seconds, which does not depend on other work on the machine."""
    return float(sum(sum(process.cpu_times()[:2]) for process in tree))


def memory(tree: list[psutil.Process]) -> float:
    return float(round(sum(process.memory_info().rss for process in tree) / 2**20, 1))


@contextmanager
def running(command: Any, extra: dict[str, str]) -> Iterator[tuple[int, list[psutil.Process], float]]:
    """Run the service on a free port; yields the port, its processes, and the seconds until it was ready."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "BENTOML_DO_NOT_TRACK": "True", **extra}
    begin = time.perf_counter()
    process = subprocess.Popen(
        command(port), cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_until_ready(port, process)
        ready = round(time.perf_counter() - begin, 2)
        root = psutil.Process(process.pid)
        yield port, [root, *root.children(recursive=True)], ready
    finally:
        process.terminate()
        process.wait(20)


def wait_until_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.02)
    raise SystemExit("error: the service stopped before it was ready. Is a champion packaged? Try: make run")


async def load(port: int, concurrency: int, seconds: float) -> list[float]:
    """Latencies of consecutive requests on each of several persistent connections."""
    end = time.perf_counter() + seconds
    latencies: list[float] = []
    await asyncio.gather(*(connection(port, end, latencies) for _ in range(concurrency)))
    return latencies


async def connection(port: int, end: float, latencies: list[float]) -> None:
    """A minimal HTTP client without a library, so that it takes little processor time from the service."""
    body = json.dumps({"strokes": STROKES}).encode()
    head = "POST /classify_drawing HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (begin := time.perf_counter()) < end:
        writer.write(request)
        header = await reader.readuntil(b"\r\n\r\n")
        if not header.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"error: {header.splitlines()[0].decode()}")
        await reader.readexactly(int(header.lower().partition(b"content-length:")[2].split(b"\r\n")[0]))
        latencies.append(time.perf_counter() - begin)
    writer.close()


if __name__ == "__main__":
    main()
