"""The smoke test of a bento: it is served from its own folder, and each endpoint gets a good and a bad request."""

import io
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from PIL import Image

from atelier.data.samples.faces import paint
from atelier.errors import AtelierError
from atelier.service.http.fields import is_file

_READY_WITHIN = 180
"""Seconds."""
_TIMEOUT = 120
"""Seconds for one request."""
_FACE, _SIDE = (0, 10), 256
"""Seed and number of a sample face whose eyes the detector finds with certainty, and the side of its image."""
_JSON, _FORM = "application/json", "multipart/form-data"

Request = dict[str, Any]
"""Arguments of `requests.post`."""


def smoke_test(bento: Path, log: Path) -> list[str]:
    """Serve a bento, and ask every endpoint that its OpenAPI document lists.

    Parameters
    ----------
    bento
        Its folder in BentoML's store.
    log
        What the service prints is written to this file.

    Returns
    -------
    list of str
        What was asked, one line for each endpoint.

    Raises
    ------
    AtelierError
        When there is no bento, or the service does not become ready, stops, or answers a request with something else
        than it should.
    """
    if not bento.is_dir():
        raise AtelierError(f"There is no bento in {bento}. Package the champions: kedro run --pipelines package")
    try:
        with _serving(bento, log) as address:
            return _check_all(address)
    except (requests.RequestException, ValueError) as error:  # ValueError: an answer that is no JSON
        raise AtelierError(f"The packed bento gave no answer that can be read ({error}). See {log}") from error


def _check_all(address: str) -> list[str]:
    document = requests.get(f"{address}/docs.json", timeout=_TIMEOUT).json()
    models = requests.get(f"{address}/models", timeout=_TIMEOUT).json()["models"]
    posts = {path: item["post"] for path, item in document["paths"].items() if "post" in item}
    return [_check(f"{address}{path}", path, post["requestBody"]["content"], models) for path, post in posts.items()]


def _check(address: str, path: str, bodies: dict[str, Any], models: list[dict[str, Any]]) -> str:
    """Send a good and a bad request to one endpoint."""
    names = [each["card"]["spec"]["labels"][0] for each in models if each["ready"] and each["card"]["spec"]["labels"]]
    answers = [requests.post(address, **_good(bodies, name), timeout=_TIMEOUT) for name in names or [""]]
    good = min(answers, key=lambda answer: answer.status_code)  # a label is known to some of the models only
    if good.status_code == 503 and not all(each["ready"] for each in models):
        return f"{path}: 503, its model has no champion yet"
    if good.status_code == 403:
        return f"{path}: 403, it is not allowed here"
    if good.status_code != 200:
        raise AtelierError(f"{path} answered a good request with {good.status_code}: {good.text[:500]}")
    bad = requests.post(address, **_bad(bodies), timeout=_TIMEOUT)
    if not 400 <= bad.status_code < 500 or "error" not in bad.json():
        raise AtelierError(f"{path} answered a bad request with {bad.status_code}: {bad.text[:500]}")
    return f"{path}: 200, and {bad.status_code} for a bad request"


def _good(bodies: dict[str, Any], name: str) -> Request:
    """A request with everything that is required; with an image where nothing is. `name` is a label of a model."""
    kind = _FORM if _FORM in bodies else _JSON
    schema = bodies[kind]["schema"]
    files = [each for each, part in schema["properties"].items() if is_file(part)]
    required = schema.get("required") or files[:1]
    values = {each: name for each in required if each not in files}
    if kind == _JSON:
        return {"json": values}
    return {"files": {each: ("image.png", _image(), "image/png") for each in required if each in files}, "data": values}


def _bad(bodies: dict[str, Any]) -> Request:
    """A form whose image is none, or JSON with a field that does not exist."""
    if _FORM not in bodies:
        return {"json": {"no_such_field": 1}}
    properties = bodies[_FORM]["schema"]["properties"]
    files = [each for each, part in properties.items() if is_file(part)]
    return {"files": dict.fromkeys(files[:1], ("image.png", b"not an image", "image/png"))}


def _image() -> bytes:
    """A drawn face of nobody, as PNG. Models of faces find its eyes, and all others take any image."""
    out = io.BytesIO()
    Image.fromarray(paint(*_FACE, _SIDE)).save(out, "PNG")
    return out.getvalue()


@contextmanager
def _serving(bento: Path, log: Path) -> Iterator[str]:
    """Serve the bento. Neither the project's code nor its folder is in reach of the process."""
    address = f"http://127.0.0.1:{_free_port()}"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-m", "bentoml", "serve", ".", "--port", address.rpartition(":")[2]]
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=bento, env=environment, stdout=output, stderr=output, stdin=subprocess.DEVNULL
        )
        try:
            _wait_until_ready(address, process, log)
            yield address
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_until_ready(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + _READY_WITHIN
    while time.monotonic() < end and process.poll() is None:
        try:
            if requests.get(f"{address}/readyz", timeout=5).status_code == 200:
                return
        except requests.RequestException:  # it does not listen yet, or is slow on a busy machine
            pass
        time.sleep(0.2)
    end_of_log = "\n".join(log.read_text(errors="replace").splitlines()[-10:])
    raise AtelierError(f"The packed bento was not ready within {_READY_WITHIN} s:\n{end_of_log}\nAll of it is in {log}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
