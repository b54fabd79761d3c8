"""What requests cost a service that are made to cost much, and how others are served meanwhile.

    python -m benchmarks.speed.service_limits [project] [name of the result] [case ...]

Starts the service in a project folder, by default this one, with the champions of BENTOML_HOME. Needs champions of the
drawing classifier and of fast_style. Only the loopback interface is used; the client shares the cores.
"""

import io
import re
import socket
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image

from benchmarks.report import report
from benchmarks.speed.watched_service import Service, serving

ROOT = Path(__file__).parents[2]


class Peak:
    """The largest memory of a service while a block runs, above what it had before."""

    def __init__(self, service: Service) -> None:
        self._service, self._end = service, threading.Event()
        self.above = 0.0

    def __enter__(self) -> "Peak":
        self._before = self._service.memory()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._end.wait(0.01):
            self.above = max(self.above, self._service.memory() - self._before)

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()


def scans(service: Service) -> dict[str, Any]:
    """Two JPEGs of 23 megapixels and 1,500 scans, 300 kB each."""
    bomb = jpeg_with_scans(1500, 4800)
    before, begin = service.cpu(), time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: send(service, bomb), range(2)))
        answered = time.perf_counter() - begin
    _, meanwhile = service.classify()
    time.sleep(max(0.0, 40 - (time.perf_counter() - begin)))
    at_40 = service.cpu()
    time.sleep(5)
    return {
        "answers": answers,
        "answered after s": round(answered, 1),
        "CPU s in 40 s": round(at_40 - before, 1),
        "CPU s in the next 5 s": round(service.cpu() - at_40, 1),
        "a small request then, s": round(meanwhile, 2),
    }


def jpeg_with_scans(scans: int, side: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (side, side), 99).save(buffer, "JPEG", progressive=True)
    content = buffer.getvalue()
    last = content.rfind(b"\xff\xda")
    return content[:-2] + content[last:-2] * scans + content[-2:]


def pixels(service: Service) -> dict[str, Any]:
    """Two RGBA PNGs, the first of 40 and then of 23 megapixels."""
    row: dict[str, Any] = {}
    for side in (6300, 4800):
        image = Image.new("RGBA", (side, side), (255, 255, 255, 0))
        image.paste((0, 0, 0, 255), (side // 4, side // 4, side // 2, side // 4 + 60))
        buffer = io.BytesIO()
        image.save(buffer, "PNG")
        contents = [buffer.getvalue()] * 2
        begin = time.perf_counter()
        with Peak(service) as peak, ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(partial(send, service), contents))
        name = f"{side * side / 1e6:.0f} MP"
        row |= {f"{name}: answers": answers, f"{name}: s": round(time.perf_counter() - begin, 1)}
        row |= {f"{name}: peak MB above idle": round(peak.above)}
    return row


def painters(service: Service) -> dict[str, Any]:
    """95th percentile of /classify_drawing alone, and while four clients stylize photos."""
    random = np.random.default_rng(0).integers(0, 255, (24, 32, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(random).resize((1024, 768), Image.Resampling.BICUBIC).save(buffer, "JPEG")
    style = httpx.get(f"{service.url}/styles").json()["styles"][0]["name"]
    end, painted = threading.Event(), []

    def paint() -> None:
        while not end.is_set():
            begin = time.perf_counter()
            answer = httpx.post(
                f"{service.url}/stylize", files={"image": buffer.getvalue()}, data={"styles": style}, timeout=60
            )
            painted.append((answer.status_code, time.perf_counter() - begin))

    alone = [service.classify()[1] for _ in range(100)]
    threads = [threading.Thread(target=paint) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(3)
    crowd = []
    begin = time.perf_counter()
    while time.perf_counter() - begin < 30:
        crowd.append(service.classify()[1])
        time.sleep(0.05)
    end.set()
    for thread in threads:
        thread.join()
    p95 = [float(np.percentile(each, 95)) * 1000 for each in (alone, crowd)]
    return {
        "p95 alone ms": round(p95[0], 1),
        "p95 with painters ms": round(p95[1], 1),
        "times": round(p95[1] / p95[0], 1),
        "painted": len(painted),
        "a photo s": round(float(np.median([seconds for _, seconds in painted])), 2),
    }


def slow_clients(service: Service) -> dict[str, Any]:
    """64 requests whose bodies do not arrive."""
    head = (
        "POST /classify_drawing HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    )
    sockets = []
    for _ in range(64):
        connection = socket.create_connection(("127.0.0.1", service.port))
        connection.sendall(head.encode())
        sockets.append(connection)
    time.sleep(0.5)
    row: dict[str, Any] = {path: httpx.get(service.url + path).status_code for path in ("/", "/models", "/page/app.js")}
    row["/classify_drawing"] = service.classify()[0]
    for connection in sockets:
        connection.close()
    return row


def labels(service: Service) -> dict[str, Any]:
    """150 addresses of 20,000 letters that do not exist."""
    with httpx.Client(base_url=service.url) as client:
        for number in range(150):
            client.get(f"/{number}" + "a" * 20_000)
        return {"/metrics kB": round(len(client.get("/metrics").content) / 1000, 1)}


def log_lines(service: Service) -> dict[str, Any]:
    """An address with a line break, and a Content-Type that is not UTF-8."""
    with socket.create_connection(("127.0.0.1", service.port)) as connection:
        connection.sendall(
            b"POST /classify_drawing HTTP/1.1\r\nHost: a\r\nContent-Type: \xff\xfe\r\nContent-Length: 2\r\n"
            b"Connection: close\r\n\r\n{}"
        )
        answer = b"".join(iter(lambda: connection.recv(2**16), b""))
    httpx.get(f"{service.url}/a%0aFORGED")
    time.sleep(0.5)
    forged = len(re.findall("^FORGED", service.log.read_text(errors="replace"), re.MULTILINE))
    return {"forged lines": forged, "answer": answer.split(b"\r\n")[0].decode(), "with a body": b'{"error"' in answer}


def send(service: Service, content: bytes) -> int:
    with suppress(httpx.HTTPError):
        files = {"image": ("a.png", content)}
        return httpx.post(f"{service.url}/classify_drawing", files=files, timeout=120).status_code
    return 0


CASES: tuple[Callable[[Service], dict[str, Any]], ...] = (labels, log_lines, slow_clients, pixels, scans, painters)


def main() -> None:
    project = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT).resolve()
    rows = []
    for case in [each for each in CASES if len(sys.argv) < 4 or each.__name__ in sys.argv[3:]]:
        with serving(project) as service:
            rows += [
                {"case": (case.__doc__ or "").strip(), "measure": k, "value": str(v)} for k, v in case(service).items()
            ]
            print(rows[-1], flush=True)
    report(sys.argv[2] if len(sys.argv) > 2 else "service_limits", "Limits of the service", rows, ("bentoml", "pillow"))


if __name__ == "__main__":
    main()
