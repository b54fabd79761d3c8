"""The service under a mixed load: each request alone, then 16 clients that ask every endpoint for 110 seconds.

    python -m benchmarks.speed.service_load [name of the result]

Needs champions in BENTOML_HOME; endpoints without one answer 503 and are left out. The client shares the cores.
"""

import io
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image, ImageDraw

from atelier.data.samples import faces
from benchmarks.report import report
from benchmarks.speed.watched_service import STROKES, Service, serving

ROOT = Path(__file__).parents[2]
CLIENTS = 16
ALONE = 3.0
"""Seconds for which each request is sent alone."""
SECONDS = 110
SETTLED = 20
"""Seconds after which memory should not grow any more."""
Call = Callable[[httpx.Client], httpx.Response]


def photo() -> bytes:
    """A JPEG of 512 x 384 pixels."""
    random = np.random.default_rng(0).integers(0, 255, (24, 32, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(random).resize((512, 384), Image.Resampling.BICUBIC).save(buffer, "JPEG")
    return buffer.getvalue()


def drawing() -> bytes:
    """A PNG of a house."""
    image = Image.new("L", (600, 600), 255)
    ImageDraw.Draw(image).line([(150, 300), (300, 150), (450, 300), (450, 480), (150, 480), (150, 300)], 0, 14)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


@cache
def face() -> bytes:
    """A PNG of a sample face in which the eyes are found."""
    buffer = io.BytesIO()
    Image.fromarray(faces.paint(1, 170, 256)).save(buffer, "PNG")
    return buffer.getvalue()


def calls(service: Service) -> dict[str, Call]:
    """Name → request, of the endpoints that have a champion."""
    word, image, sketch = label(service), photo(), drawing()
    styles = httpx.get(f"{service.url}/styles").json()["styles"]
    encoded = httpx.post(f"{service.url}/encode_face", files={"image": face()}, timeout=60)
    edit = {"token": encoded.json().get("token"), "changes": {"age": 1}}
    requests: dict[str, Call] = {
        "classify_drawing, strokes": lambda client: client.post("/classify_drawing", json=STROKES),
        "classify_drawing, image": lambda client: client.post("/classify_drawing", files={"image": sketch}),
        "generate_drawing": lambda client: client.post("/generate_drawing", json={"label": word, "count": 4}),
        "duel": lambda client: client.post("/duel", json={"count": 4}),
        "stylize": lambda client: client.post("/stylize", files={"image": image}, data={"styles": styles[0]["name"]}),
        "stylize_with": lambda client: client.post("/stylize_with", files={"image": image, "style": image}),
        "paint": lambda client: client.post("/paint", files={"image": image}),
        "encode_face": lambda client: client.post("/encode_face", files={"image": face()}),
        "edit_face": lambda client: client.post("/edit_face", json=edit),
        "classify_photo": lambda client: client.post("/classify_photo", files={"image": image}),
    }
    with httpx.Client(base_url=service.url, timeout=60) as client:
        served = {name: call for name, call in requests.items() if call(client).status_code != 503}
    reading = ("/", "/page/app.js", "/models", "/styles", "/attributes", "/docs.json", "/metrics")
    return served | {path: lambda client, path=path: client.get(path) for path in reading}


def label(service: Service) -> str:
    models = httpx.get(f"{service.url}/models").json()["models"]
    return str(next(each["card"]["spec"]["labels"][0] for each in models if each["family"] == "quickdraw_gan"))


def alone(service: Service, call: Call) -> float:
    """95th percentile in ms of requests that follow each other, with nothing beside them."""
    seconds: list[float] = []
    with httpx.Client(base_url=service.url, timeout=60) as client:
        while sum(seconds) < ALONE or len(seconds) < 3:
            begin = time.perf_counter()
            call(client)
            seconds.append(time.perf_counter() - begin)
    return float(np.percentile(seconds, 95)) * 1000


def load(service: Service, requests: dict[str, Call]) -> tuple[dict[str, list[tuple[int, float]]], list[float]]:
    """Statuses and seconds by request, and the memory in MB once a second."""
    results: dict[str, list[tuple[int, float]]] = {name: [] for name in requests}
    end = time.monotonic() + SECONDS

    def client(number: int) -> None:
        random = np.random.default_rng(number)
        with httpx.Client(base_url=service.url, timeout=60) as connection:
            while time.monotonic() < end:
                name = str(random.choice(list(requests)))
                begin = time.perf_counter()
                try:
                    status = requests[name](connection).status_code
                except httpx.HTTPError:
                    status = 0
                results[name].append((status, time.perf_counter() - begin))

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    memory = []
    while time.monotonic() < end:
        memory.append(service.memory())
        time.sleep(1)
    for thread in threads:
        thread.join()
    return results, memory


def row(name: str, results: list[tuple[int, float]], alone_ms: float) -> dict[str, Any]:
    statuses = Counter(status for status, _ in results)
    seconds = [seconds for status, seconds in results if status == 200]
    failed = sum(count for status, count in statuses.items() if status not in (200, 429))
    p50, p95 = (round(float(np.percentile(seconds, share)) * 1000) if seconds else None for share in (50, 95))
    counts = {"200": statuses[200], "429": statuses[429], "failed": failed}
    times = {"p95 alone ms": round(alone_ms, 1), "p50 ms": p50, "p95 ms": p95}
    return {"request": name, **counts, **times, "times": round(p95 / alone_ms, 1) if p95 else None}


def main() -> None:
    with serving(ROOT) as service:
        requests = calls(service)
        before = {name: alone(service, call) for name, call in requests.items()}
        results, memory = load(service, requests)
    settled, last = memory[min(SETTLED, len(memory) - 1)], float(np.median(memory[-10:]))
    rows = [row(name, each, before[name]) for name, each in results.items()]
    details = [{"MB after 20 s": round(settled), "MB at the end": round(last), "MB each second": [*map(round, memory)]}]
    report(sys.argv[1] if len(sys.argv) > 1 else "service_load", "Mixed load", rows, ("bentoml", "httpx"), details)
    print(f"memory: {settled:.0f} MB after {SETTLED} s, {last:.0f} MB at the end")


if __name__ == "__main__":
    main()
