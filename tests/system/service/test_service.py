"""The service over real HTTP: a real `bentoml serve`."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest

from atelier.service.service import FAMILIES
from tests.helpers.classifier_champion import FAMILY, LABELS
from tests.helpers.service_requests import CLASSIFY_DRAWING, DUEL, GENERATE_DRAWING, LINE, error_message, line_image
from tests.helpers.serving import serving

pytestmark = pytest.mark.system


def test_strokes_are_classified(service: httpx.Client) -> None:
    response = service.post(CLASSIFY_DRAWING, json={"strokes": LINE, "top_k": 3})
    body = response.json()
    assert response.status_code == 200
    assert (body["family"], body["version"]) == (FAMILY, "1")
    assert len(body["guesses"]) == 3
    assert {guess["label"] for guess in body["guesses"]} <= set(LABELS)
    probabilities = [guess["probability"] for guess in body["guesses"]]
    assert probabilities == sorted(probabilities, reverse=True)


def test_an_image_is_classified(service: httpx.Client) -> None:
    response = service.post(CLASSIFY_DRAWING, files={"image": ("line.png", line_image())}, data={"top_k": "2"})
    assert response.status_code == 200, response.text
    assert len(response.json()["guesses"]) == 2


def test_models_has_the_lineage(service: httpx.Client) -> None:
    models = {model["family"]: model for model in service.get("/models").json()["models"]}
    assert models.keys() == FAMILIES.keys()
    for model in models.values():
        assert model["ready"]
        assert model["card"]["lineage"].keys() >= {"run_id", "git_commit", "data", "raw", "licences"}
    assert models[FAMILY]["card"]["metrics"]["top1"].keys() == {"value", "low", "high"}


def test_the_usual_addresses_respond(service: httpx.Client) -> None:
    for path in ("/", "/readyz", "/livez", "/metrics", "/docs.json", "/page/app.js", "/page/style.css"):
        assert service.get(path).status_code == 200, path
    assert "atelier_requests_total" in service.get("/metrics").text
    assert service.get("/").headers["content-security-policy"].startswith("default-src 'self'")


def test_the_openapi_document_has_both_types_of_body_and_all_errors(service: httpx.Client) -> None:
    spec = service.get("/docs.json").json()
    post = spec["paths"][CLASSIFY_DRAWING]["post"]
    assert set(post["requestBody"]["content"]) == {"multipart/form-data", "application/json"}
    assert set(post["requestBody"]["content"]["application/json"]["schema"]["properties"]) == {"strokes", "top_k"}
    assert {"200", "400", "408", "413", "415", "429", "503", "504"} == set(post["responses"])
    assert "get" in spec["paths"]["/models"]


def test_no_file_outside_the_page_is_served(service: httpx.Client) -> None:
    for path in ("/page/../service.py", "/page/%2e%2e/service.py", "/page/..%2fservice.py", "/page//etc/passwd"):
        assert service.get(path).status_code == 404, path


def test_many_concurrent_requests_get_the_same_response(service: httpx.Client) -> None:
    with ThreadPoolExecutor(16) as pool:
        responses = list(pool.map(lambda _: service.post(CLASSIFY_DRAWING, json={"strokes": LINE}), range(64)))
    assert {response.status_code for response in responses} == {200}
    assert len({response.text for response in responses}) == 1


def test_without_a_champion_there_is_a_reason_and_the_rest_works(tmp_path: Path) -> None:
    with serving(tmp_path / "bentoml") as service:
        for endpoint in (CLASSIFY_DRAWING, GENERATE_DRAWING, DUEL):
            response = service.post(endpoint, json={})
            assert response.status_code == 503
            assert "no champion" in error_message(response)
        assert service.get("/").status_code == 200
        assert service.get("/readyz").status_code == 503
        assert "/models" in error_message(service.get("/readyz"))
        for model in service.get("/models").json()["models"]:
            assert not model["ready"]
            assert f"{model['family']} has no champion" in model["reason"]


def test_too_many_requests_are_429_and_slow_ones_504(home: Path) -> None:
    tight = {"ATELIER_LIGHT_WAITING": "2", "ATELIER_TIMEOUT_S": "0.3"}
    slow = np.random.default_rng(0).uniform(0, 255, (2, 10_000)).round(2).tolist()
    with serving(home, **tight) as service, ThreadPoolExecutor(12) as pool:
        responses = list(pool.map(lambda _: service.post(CLASSIFY_DRAWING, json={"strokes": [slow]}), range(12)))
        assert {response.status_code for response in responses} >= {429, 504}
        assert {response.status_code for response in responses} <= {200, 429, 504}
        assert all(response.json()["error"] for response in responses if response.status_code != 200)
        assert service.get("/readyz").status_code == 200
