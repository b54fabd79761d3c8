"""The service as a client meets it: a real `bentoml serve`, real HTTP."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest

from tests.helpers import generator_champion, stylizer_champions
from tests.helpers.classifier_champion import FAMILY, LABELS
from tests.helpers.service_requests import DUEL, ENDPOINT, LINE, SKETCHES, picture, sentence
from tests.helpers.serving import serving

pytestmark = pytest.mark.system


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
    models = {model["family"]: model for model in service.get("/models").json()["models"]}
    assert models.keys() == {FAMILY, generator_champion.FAMILY, stylizer_champions.FAST, stylizer_champions.ARBITRARY}
    for model in models.values():
        assert model["ready"]
        assert model["card"]["lineage"].keys() >= {"run_id", "git_commit", "data", "raw", "licences"}
    assert models[FAMILY]["card"]["metrics"]["top1"].keys() == {"value", "low", "high"}


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


def test_many_at_once_are_all_answered(service: httpx.Client) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: service.post(ENDPOINT, json={"strokes": LINE}), range(64)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1


def test_without_a_champion_the_reason_is_told_and_the_rest_works(tmp_path: Path) -> None:
    with serving(tmp_path / "bentoml") as service:
        for endpoint in (ENDPOINT, SKETCHES, DUEL):
            answer = service.post(endpoint, json={})
            assert answer.status_code == 503
            assert "no champion" in sentence(answer)
        assert service.get("/readyz").status_code == service.get("/").status_code == 200
        for model in service.get("/models").json()["models"]:
            assert not model["ready"]
            assert f"{model['family']} has no champion" in model["reason"]


def test_too_many_at_once_are_429_and_too_long_is_504(home: Path) -> None:
    tight = "services.atelier.traffic.max_concurrency=2 services.atelier.traffic.timeout=0.3"
    slow = np.random.default_rng(0).uniform(0, 255, (2, 10_000)).round(2).tolist()
    with serving(home, BENTOML_CONFIG_OPTIONS=tight) as service, ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: service.post(ENDPOINT, json={"strokes": [slow]}), range(12)))
        assert {answer.status_code for answer in answers} >= {429, 504}
        assert {answer.status_code for answer in answers} <= {200, 429, 504}
        assert all(answer.json()["error"] for answer in answers if answer.status_code != 200)
        assert service.get("/readyz").status_code == 200
