"""The service as a client meets it: a real `bentoml serve`, real HTTP."""

import io
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.metadata import packages_distributions, requires
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from PIL import Image, ImageDraw
from tests.champions import FAMILY, LABELS, write_champion
from tests.serving import serving, store_model

pytestmark = pytest.mark.system
LINE = [[[0, 255], [0, 255]]]
ENDPOINT = "/classify_drawing"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("service")
    store_model(folder / "bentoml", write_champion(folder / "champion"))
    return folder / "bentoml"


@pytest.fixture(scope="module")
def service(home: Path) -> Iterator[httpx.Client]:
    # Every import of every process is written to the log, for the test that looks at them.
    with serving(home, PYTHONPROFILEIMPORTTIME="1") as client:
        yield client


def sentence(answer: httpx.Response) -> str:
    """The one shape of every refusal."""
    assert list(answer.json()) == ["error"], answer.text
    text = answer.json()["error"]
    assert isinstance(text, str)
    assert text.endswith(".")
    return text


def picture(size: tuple[int, int] = (300, 200), kind: str = "PNG") -> bytes:
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).line((20, 20, size[0] - 20, size[1] - 20), fill="black", width=5)
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


# -- answers


def test_strokes_are_answered_with_labels_and_the_model_that_chose_them(service: httpx.Client) -> None:
    answer = service.post(ENDPOINT, json={"strokes": LINE, "top_k": 3})
    body = answer.json()
    assert answer.status_code == 200
    assert (body["family"], body["version"]) == (FAMILY, "1")
    assert len(body["guesses"]) == 3
    assert {guess["label"] for guess in body["guesses"]} <= set(LABELS)
    shares = [guess["probability"] for guess in body["guesses"]]
    assert shares == sorted(shares, reverse=True)


def test_a_picture_is_answered(service: httpx.Client) -> None:
    answer = service.post(ENDPOINT, files={"image": ("line.png", picture())}, data={"top_k": "2"})
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["guesses"]) == 2


def test_models_tells_the_lineage(service: httpx.Client) -> None:
    (model,) = service.get("/models").json()["models"]
    assert model["ready"]
    assert model["card"]["lineage"].keys() >= {"run_id", "git_commit", "data", "raw", "licences"}
    assert model["card"]["metrics"]["top1"].keys() == {"value", "low", "high"}


def test_the_usual_addresses_answer(service: httpx.Client) -> None:
    for path in ("/", "/readyz", "/livez", "/metrics", "/docs.json", "/page/app.js", "/page/style.css"):
        assert service.get(path).status_code == 200, path
    assert "bentoml_service" in service.get("/metrics").text
    assert service.get("/").headers["content-security-policy"].startswith("default-src 'self'")


def test_the_documentation_shows_both_ways_in_and_every_refusal(service: httpx.Client) -> None:
    spec = service.get("/docs.json").json()
    post = spec["paths"][ENDPOINT]["post"]
    assert set(post["requestBody"]["content"]) == {"multipart/form-data", "application/json"}
    assert set(post["requestBody"]["content"]["application/json"]["schema"]["properties"]) == {"strokes", "top_k"}
    assert {"200", "400", "413", "415", "429", "503", "504"} == set(post["responses"])
    assert "get" in spec["paths"]["/models"]


def test_no_file_outside_the_page_is_served(service: httpx.Client) -> None:
    for path in ("/page/../service.py", "/page/%2e%2e/service.py", "/page/..%2fservice.py", "/page//etc/passwd"):
        assert service.get(path).status_code == 404, path


# -- refusals


@pytest.mark.parametrize(
    ("request_", "status", "says"),
    [
        ({"files": {"image": ("a.png", b"hello")}}, 400, "not a picture"),
        ({"files": {"image": ("a.png", b"")}}, 400, "empty"),
        ({"files": {"image": ("a.png", picture()[:100])}}, 400, "damaged"),
        ({"files": {"image": ("a.png", b"x" * (11 * 2**20))}}, 413, "10 MB"),
        ({"content": (b"x" * 2**16 for _ in range(200))}, 413, "10 MB"),
        ({"files": {"image": ("a.png", picture())}, "data": {"strokes": json.dumps(LINE)}}, 400, "not both"),
        ({"files": {"image": ("a.png", picture())}, "data": {"top_k": "99"}}, 400, "top_k"),
        ({"data": {"image": "http://127.0.0.1:9/cat.png"}}, 415, "multipart/form-data"),
        ({"json": {"image": "/etc/passwd"}}, 400, "must be a file"),
        ({"json": {}}, 400, "image or strokes"),
        ({"content": b""}, 400, "empty"),
        ({"json": {"strokes": []}}, 400, "at least one stroke"),
        ({"content": b'{"strokes": [[[NaN, 1], [2, 3]]]}'}, 400, "finite"),
        ({"content": b'{"strokes": [[[1e999, 1], [2, 3]]]}'}, 400, "finite"),
        ({"json": {"strokes": [[[1, 2], [3, 4]]] * 4000}}, 400, "at most 500 strokes"),
        ({"json": {"strokes": [[list(range(30_000))] * 2]}}, 400, "at most 10000 points"),
        ({"json": {"strokes": LINE, "top_k": 0}}, 400, "top_k"),
        ({"json": {"strokes": LINE, "top": 1}}, 400, "no part called"),
        ({"content": b"{", "headers": {"content-type": "application/json"}}, 400, "not valid JSON"),
        ({"content": b"x", "headers": {"content-type": "application/vnd.bentoml+pickle"}}, 415, "Content-Type"),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data"}}, 400, "boundary"),
    ],
)
def test_wrong_input_is_told_what_to_change(
    service: httpx.Client, request_: dict[str, Any], status: int, says: str
) -> None:
    answer = service.post(ENDPOINT, **request_)
    assert answer.status_code == status, answer.text
    assert says in sentence(answer)


def test_a_decompression_bomb_is_refused_and_the_service_lives_on(service: httpx.Client) -> None:
    bomb = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(bomb, "PNG", optimize=True)
    answer = service.post(ENDPOINT, files={"image": ("bomb.png", bomb.getvalue())})
    assert answer.status_code == 400
    assert "megapixels" in sentence(answer)
    assert service.post(ENDPOINT, json={"strokes": LINE}).status_code == 200


def test_wrong_methods_and_addresses_are_not_errors_of_ours(service: httpx.Client) -> None:
    assert service.get(ENDPOINT).status_code == 405
    assert service.post("/models").status_code == 405
    assert service.get("/nothing").status_code == 404


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=30,
)
COORDINATES = st.lists(st.floats(-1e7, 1e7) | st.integers() | st.just(float("nan")), max_size=8)
STROKES = st.lists(st.lists(COORDINATES, max_size=4), max_size=5)
TYPES = st.sampled_from(
    ["application/json", "multipart/form-data; boundary=x", "multipart/form-data", "image/png", "text/plain", "", ";"]
)
FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def survives(service: httpx.Client, **request: Any) -> None:
    answer = service.post(ENDPOINT, **request)
    assert answer.status_code in (200, 400, 415), answer.text
    if answer.status_code != 200:
        sentence(answer)


@FUZZ
@given(question=st.fixed_dictionaries({}, optional={"strokes": STROKES | VALUES, "top_k": VALUES, "image": VALUES}))
def test_no_json_gives_a_500(service: httpx.Client, question: dict[str, Any]) -> None:
    content = json.dumps(question, ensure_ascii=True).encode()
    survives(service, content=content, headers={"content-type": "application/json"})


@FUZZ
@given(content=st.binary(max_size=300), kind=TYPES)
def test_no_bytes_of_any_type_give_a_500(service: httpx.Client, content: bytes, kind: str) -> None:
    survives(service, content=content, headers={"content-type": kind})


@FUZZ
@given(
    name=st.sampled_from(["image", "strokes", "top_k", "", "x"]), content=st.binary(max_size=200), as_file=st.booleans()
)
def test_no_form_gives_a_500(service: httpx.Client, name: str, content: bytes, as_file: bool) -> None:
    disposition = f'form-data; name="{name}"' + ('; filename="f"' if as_file else "")
    body = f"--edge\r\nContent-Disposition: {disposition}\r\n\r\n".encode() + content + b"\r\n--edge--\r\n"
    survives(service, content=body, headers={"content-type": "multipart/form-data; boundary=edge"})


@FUZZ
@given(kind=st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"]), seed=st.integers(0, 2**32 - 1))
def test_no_damaged_picture_gives_a_500(service: httpx.Client, kind: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    damaged = np.frombuffer(picture((60, 40), kind), np.uint8).copy()
    damaged[random.integers(0, len(damaged), 8)] = random.integers(0, 256, 8)
    survives(service, files={"image": ("a", damaged[: random.integers(1, len(damaged) + 1)].tobytes())})


# -- the process

OURS = {"atelier", "pipelines"}
TAKEN_WHEN_PRESENT = {"uvloop", "httptools", "websockets", "colorama", "pexpect", "ptyprocess", "setuptools"}
"""Small packages that the allowed ones use where they happen to be installed, as in this environment."""


def test_the_process_loads_onnxruntime_numpy_pillow_bentoml_and_nothing_else(service: httpx.Client, home: Path) -> None:
    assert service.post(ENDPOINT, files={"image": ("line.png", picture())}).status_code == 200
    log = (home.parent / "serve.log").read_text()
    loaded = {name.split(".")[0] for name in re.findall(r"^import time: .*\| +([\w.]+)$", log, re.MULTILINE)}
    assert {"onnxruntime", "numpy", "PIL", "bentoml", "atelier"} <= loaded
    owners = packages_distributions()
    foreign = {name: owners[name] for name in loaded if name in owners and not allowed(owners[name])}
    assert foreign.keys() - OURS == set()


def test_the_process_maps_no_library_of_a_training_framework(service: httpx.Client, home: Path) -> None:
    pids = re.findall(r"\[entry_service:atelier:(\d+)\]", (home.parent / "serve.log").read_text())
    assert pids
    maps = [path for path in Path("/proc").glob("[0-9]*/environ") if f"BENTOML_HOME={home}" in readable(path)]
    mapped = "".join(readable(path.with_name("maps")) for path in maps)
    assert "onnxruntime" in mapped
    assert not [name for name in ("torch", "tensorflow", "pyarrow", "pandas") if f"/site-packages/{name}/" in mapped]


def readable(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def allowed(distributions: list[str]) -> bool:
    return any(canonicalize_name(name) in closure() | TAKEN_WHEN_PRESENT for name in distributions)


@cache
def closure() -> set[str]:
    """The four packages and what they require, and theirs."""
    found: set[str] = set()
    pending = ["bentoml", "numpy", "onnxruntime", "pillow"]
    while pending:
        name = canonicalize_name(pending.pop())
        if name in found:
            continue
        found.add(name)
        try:
            needs = [Requirement(text) for text in requires(name) or []]
        except ModuleNotFoundError:
            continue
        pending += [need.name for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
    return found


def test_many_at_once_are_all_answered(service: httpx.Client) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: service.post(ENDPOINT, json={"strokes": LINE}), range(64)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1


# -- without a champion, and overloaded


def test_without_a_champion_the_reason_is_told_and_the_rest_works(tmp_path: Path) -> None:
    with serving(tmp_path / "bentoml") as service:
        answer = service.post(ENDPOINT, json={"strokes": LINE})
        assert answer.status_code == 503
        assert "no champion" in sentence(answer)
        assert service.get("/readyz").status_code == service.get("/").status_code == 200
        (model,) = service.get("/models").json()["models"]
        assert not model["ready"]
        assert "no champion" in model["reason"]


def test_too_many_at_once_are_429_and_too_long_is_504(home: Path) -> None:
    tight = "services.atelier.traffic.max_concurrency=2 services.atelier.traffic.timeout=0.3"
    slow = np.random.default_rng(0).uniform(0, 255, (2, 10_000)).round(2).tolist()
    with serving(home, BENTOML_CONFIG_OPTIONS=tight) as service, ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: service.post(ENDPOINT, json={"strokes": [slow]}), range(12)))
        assert {answer.status_code for answer in answers} >= {429, 504}
        assert {answer.status_code for answer in answers} <= {200, 429, 504}
        assert all(answer.json()["error"] for answer in answers if answer.status_code != 200)
        assert service.get("/readyz").status_code == 200
