"""The OpenAPI document says what the service does: other programs test the service by it, and make a client of it."""

import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.helpers import generator_champion
from tests.helpers.service_requests import CLASSIFY_DRAWING, LINE

pytestmark = pytest.mark.system

BIN = Path(sys.executable).parent
INEXPRESSIBLE = "positive_data_acceptance"
"""A check that a request is accepted if it fits the schema. No schema can say that a file is an image, or that two
lists have the same length."""


def test_schemathesis_finds_nothing(service: httpx.Client, tmp_path: Path) -> None:
    command = [BIN / "st", "run", f"{service.base_url}/docs.json", "--url", str(service.base_url)]
    options = ["--exclude-checks", INEXPRESSIBLE, "--max-examples", "20", "--seed", "1", "--no-color"]
    done = subprocess.run([*command, *options], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-6000:]


CONFIG = """
post_hooks: []
content_type_overrides:
  image/png: application/octet-stream
  image/jpeg: application/octet-stream
  image/webp: application/octet-stream
"""
"""This generator knows no types of images, but it knows files."""
USE = """
import sys
from {package} import Client
from {package}.api.atelier import classify_drawing, models
from {package}.models import ClassifyDrawingJsonClassifyDrawingRequest as Request

client = Client(base_url=sys.argv[1])
request = Request.from_dict({{"strokes": {strokes}, "top_k": 2}})
answer = classify_drawing.sync(client=client, body=request)
print(answer.family, [guess.label for guess in answer.guesses])
print([model.family for model in models.sync(client=client).models])
"""


def test_a_generated_client_works(service: httpx.Client, tmp_path: Path) -> None:
    (tmp_path / "docs.json").write_text(service.get("/docs.json").text)
    (tmp_path / "config.yml").write_text(CONFIG)
    command = [BIN / "openapi-python-client", "generate", "--path", "docs.json", "--config", "config.yml"]
    made = subprocess.run(
        [*command, "--output-path", "client"], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert made.returncode == 0, made.stderr + made.stdout
    assert "Warning" not in made.stdout + made.stderr
    package = next(path.parent for path in (tmp_path / "client").glob("*/client.py"))
    for path in package.glob("api/*/*.py"):  # version 0.29 forgets an import where a request has two types of body
        path.write_text(path.read_text().replace("import Response, UNSET\n", "import Response, UNSET, Unset\n"))
    (tmp_path / "client" / "use.py").write_text(USE.format(package=package.name, strokes=json.dumps(LINE)))
    used = subprocess.run(
        [sys.executable, "use.py", str(service.base_url)],
        cwd=tmp_path / "client",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert used.returncode == 0, used.stderr
    assert "quickdraw_classifier" in used.stdout


def test_the_document_names_labels_and_what_is_needed(service: httpx.Client) -> None:
    paths = service.get("/docs.json").json()["paths"]
    body = paths[CLASSIFY_DRAWING]["post"]["requestBody"]
    assert body["required"] is True
    assert body["content"]["application/json"]["schema"]["required"] == ["strokes"]
    assert body["content"]["multipart/form-data"]["schema"]["required"] == ["image"]
    schema = paths["/generate_drawing"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    models = {model["family"]: model["card"] for model in service.get("/models").json()["models"]}
    assert schema["properties"]["label"]["enum"] == models[generator_champion.FAMILY]["spec"]["labels"]
