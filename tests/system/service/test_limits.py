"""What one request, or one client, may cost the service, and that others are served meanwhile."""

import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
from PIL import Image

from tests.helpers.image_files import HEIC, encode, jpeg_with_scans
from tests.helpers.service_requests import CLASSIFY_DRAWING, LINE, error_message, line_image
from tests.helpers.serving import log_of, serving

pytestmark = pytest.mark.system
SOON = 20
"""Seconds after which a test fails that waits for something that should come at once."""


@pytest.fixture(scope="module")
def impatient(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A service with short limits. It has a BentoML folder of its own, because metrics are in this folder."""
    short = {"ATELIER_HEAD_S": "0.5", "ATELIER_BODY_S": "1", "ATELIER_DECODE_S": "1"}
    copy = tmp_path_factory.mktemp("impatient") / "bentoml"
    shutil.copytree(home / "models", copy / "models")
    with serving(copy, **short) as client:
        yield client


def address(service: httpx.Client) -> tuple[str, int]:
    assert service.base_url.port
    return "127.0.0.1", service.base_url.port


def send(service: httpx.Client, content: bytes) -> httpx.Response:
    return service.post(CLASSIFY_DRAWING, files={"image": ("a", content)}, timeout=60)


def processes(service: httpx.Client) -> list[psutil.Process]:
    port = service.base_url.port
    servers = [each for each in psutil.process_iter(["cmdline"]) if f"{port}" in (each.info["cmdline"] or [])]
    return [process for server in servers for process in (server, *server.children(recursive=True))]


def test_a_jpeg_of_many_scans_is_refused(service: httpx.Client) -> None:
    response = send(service, jpeg_with_scans(1500, side=4000))
    assert response.status_code == 400
    assert "scans" in error_message(response)


def test_an_image_that_takes_too_long_to_decode_is_given_up_and_others_are_served(impatient: httpx.Client) -> None:
    slow = jpeg_with_scans(90, side=4800)
    with ThreadPoolExecutor(2) as pool:
        responses = list(pool.map(lambda _: send(impatient, slow), range(2)))
    assert [response.status_code for response in responses] == [400, 400]
    assert all("too long" in error_message(response) for response in responses)
    assert send(impatient, line_image()).status_code == 200
    decoders = [each for each in processes(impatient) if any("decoder_process" in part for part in each.cmdline())]
    assert len(decoders) <= 2


def test_large_images_need_little_memory(service: httpx.Client) -> None:
    image = Image.new("RGBA", (4800, 4800), (255, 255, 255, 0))
    image.paste((0, 0, 0, 255), (1200, 1200, 2400, 1260))
    content = encode(image, "PNG")
    assert send(service, line_image()).status_code == 200
    with peak_memory(service) as peak, ThreadPoolExecutor(2) as pool:
        responses = list(pool.map(lambda _: send(service, content), range(2)))
    assert [response.status_code for response in responses] == [200, 200]
    assert peak[0] < 400


@contextmanager
def peak_memory(service: httpx.Client) -> Iterator[list[float]]:
    """The largest resident memory of the service's processes, in MB above what they have at the beginning."""

    def memory() -> float:
        return sum(each.memory_info().rss for each in processes(service) if each.is_running()) / 2**20

    before, peak, end = memory(), [0.0], threading.Event()

    def watch() -> None:
        while not end.wait(0.02):
            try:
                peak[0] = max(peak[0], memory() - before)
            except psutil.Error:
                continue

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        end.set()
        thread.join()


def test_an_image_over_the_limit_for_drawings_is_refused_before_it_is_decoded(service: httpx.Client) -> None:
    response = send(service, encode(Image.new("1", (6000, 5000)), "PNG"))
    assert response.status_code == 400
    assert "24 megapixels" in error_message(response)


def test_clients_whose_bodies_do_not_arrive_keep_nobody_waiting(service: httpx.Client) -> None:
    head = (
        f"POST {CLASSIFY_DRAWING} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{{"
    )
    with ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(socket.create_connection(address(service))).sendall(head.encode())
        for path in ("/", "/models", "/page/app.js", "/styles"):
            assert service.get(path).status_code == 200, path
        assert service.post(CLASSIFY_DRAWING, json={"strokes": LINE}).status_code == 200


def test_a_body_that_does_not_arrive_in_time_gets_a_408(impatient: httpx.Client) -> None:
    with socket.create_connection(address(impatient), timeout=SOON) as connection:
        connection.sendall(f"POST {CLASSIFY_DRAWING} HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n{{".encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost:"])
def test_a_connection_whose_headers_do_not_arrive_is_closed(impatient: httpx.Client, sent: bytes) -> None:
    with socket.create_connection(address(impatient), timeout=SOON) as connection:
        connection.sendall(sent)
        assert connection.recv(1000) == b""


def test_metrics_do_not_grow_with_addresses_that_do_not_exist(service: httpx.Client) -> None:
    for number in range(50):
        assert service.get(f"/{number}" + "a" * 5000).status_code == 404
    text = service.get("/metrics").text
    assert len(text) < 100_000
    assert 'route="other"' in text
    assert "aaaa" not in text


def test_metrics_name_models_and_reasons(service: httpx.Client) -> None:
    assert service.post(CLASSIFY_DRAWING, json={"strokes": LINE}).status_code == 200
    assert send(service, b"hello").status_code == 400
    text = service.get("/metrics").text
    assert 'atelier_answers_total{family="quickdraw_classifier",route="/classify_drawing",version="1"}' in text
    assert 'atelier_refusals_total{reason="not an image",route="/classify_drawing"}' in text
    assert 'atelier_request_seconds_bucket{le="0.1",route="/classify_drawing"}' in text


def test_an_address_cannot_write_a_line_into_the_log(service: httpx.Client, home: Path) -> None:
    assert service.get("/a%0aFORGED").status_code == 404
    end = time.monotonic() + SOON
    while "FORGED" not in log_of(service, home) and time.monotonic() < end:
        time.sleep(0.05)
    assert "/a%0AFORGED" in log_of(service, home)
    assert not re.search("^FORGED", log_of(service, home), re.MULTILINE)


def test_a_content_type_that_is_not_utf_8_gets_a_message(service: httpx.Client) -> None:
    head = b"POST /classify_drawing HTTP/1.1\r\nHost: a\r\nContent-Type: \xff\xfe\r\nContent-Length: 2\r\n"
    with socket.create_connection(address(service), timeout=SOON) as connection:
        connection.sendall(head + b"Connection: close\r\n\r\n{}")
        answer = b"".join(iter(lambda: connection.recv(2**16), b""))
    assert answer.startswith(b"HTTP/1.1 415")
    assert b'"error"' in answer


def test_a_form_that_is_cut_off_gets_a_message(service: httpx.Client) -> None:
    request = service.build_request("POST", CLASSIFY_DRAWING, files={"image": ("a.png", line_image())})
    body = request.read()
    headers = {"content-type": request.headers["content-type"]}
    response = service.post(CLASSIFY_DRAWING, content=body[: body.rfind(b"--") - 40], headers=headers)
    assert response.status_code == 400
    assert "cut off" in error_message(response)


def test_images_of_phones_are_read(service: httpx.Client) -> None:
    assert send(service, line_image(kind="AVIF")).status_code == 200
    photo = {"image": ("photo.heic", HEIC), "style": ("style.heic", HEIC)}
    response = service.post("/stylize_with", files=photo)
    assert response.status_code == 200, response.text
    assert response.headers["atelier-size"] == "64x48"
