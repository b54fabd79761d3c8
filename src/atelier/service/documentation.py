"""`/docs.json` as BentoML writes it, completed by what BentoML cannot know."""

from typing import Any

from atelier.service.questions import JSON
from atelier.service.sheets import PNG

ABOUT = "Image models behind one address. Every answer names the family and the version of the model that gave it."
REFUSALS = {
    "400": "The input cannot be used; the sentence says what to change.",
    "413": "The request is over 10 MB.",
    "415": "The Content-Type is none of those named here.",
    "429": "Too many requests at once; send it again later.",
    "503": "No champion can answer; the sentence says why and what to do.",
    "504": "The answer took too long.",
}
ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "string", "description": "A sentence that says what to change."}},
}
BYTES = {"type": "string", "format": "binary"}
TOLD = ("string", "integer")
"""Types of what `sheets.sheet_response` puts into headers."""
MODELS = {
    "get": {
        "tags": ["Service APIs"],
        "operationId": "models",
        "description": "Every family with the card of its champion: metrics, data hashes, run and commit.",
        "responses": {
            "200": {
                "description": "The families; those without a champion with the reason.",
                "content": {JSON: {"schema": {"$ref": "#/components/schemas/Models"}}},
            }
        },
    }
}
MODELS_SCHEMA = {
    "type": "object",
    "required": ["models"],
    "properties": {
        "models": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["family", "version", "ready", "reason", "card"],
                "properties": {
                    "family": {"type": "string"},
                    "version": {"type": "string", "nullable": True},
                    "ready": {"type": "boolean"},
                    "reason": {"type": "string", "nullable": True},
                    "card": {"type": "object", "nullable": True},
                },
            },
        }
    },
}


def complete(spec: dict[str, Any]) -> dict[str, Any]:
    """An OpenAPI document with `GET /models`, JSON beside forms, pictures beside JSON, and every refusal."""
    schemas = {**spec["components"]["schemas"], "Refusal": ERROR, "Models": MODELS_SCHEMA}
    paths = {path: _complete_path(item) for path, item in spec["paths"].items()}
    return {
        **spec,
        "info": {"title": "Atelier", "description": ABOUT, "version": spec["info"]["version"]},
        "components": {**spec["components"], "schemas": schemas},
        "paths": {**paths, "/models": MODELS},
    }


def _complete_path(item: dict[str, Any]) -> dict[str, Any]:
    if "post" not in item:
        return item
    post = item["post"]
    asked = _with_json(post["requestBody"]["content"])
    answers = {
        status: _with_picture(answer, asked[JSON]["schema"]["properties"])
        for status, answer in post["responses"].items()
        if str(status).startswith("2")
    }
    refusals = {
        status: {"description": text, "content": {JSON: {"schema": {"$ref": "#/components/schemas/Refusal"}}}}
        for status, text in REFUSALS.items()
    }
    return {**item, "post": {**post, "requestBody": {"content": asked}, "responses": {**answers, **refusals}}}


def _with_json(content: dict[str, Any]) -> dict[str, Any]:
    """Whatever is read as a form is read as JSON as well, without its files, which have no place there."""
    schema = next(iter(content.values()))["schema"]
    parts = {name: part for name, part in schema["properties"].items() if part.get("format") != "binary"}
    properties = {name: part | ({"nullable": True} if _may_be_null(part) else {}) for name, part in parts.items()}
    return {**content, JSON: {"schema": {**schema, "properties": properties}}}


def _may_be_null(part: dict[str, Any]) -> bool:
    return "default" in part and part["default"] is None


def _with_picture(answer: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    """Where a question may ask for a PNG, what the JSON says of its origin is in the PNG's headers."""
    if "png" not in parts.get("as", {}).get("enum", ()):
        return answer
    told = {
        name: part for name, part in answer["content"][JSON]["schema"]["properties"].items() if part["type"] in TOLD
    }
    headers = {
        f"Atelier-{name.capitalize()}": {"schema": {"type": part["type"]}, "description": "With a PNG only."}
        for name, part in told.items()
    }
    return {**answer, "headers": headers, "content": {PNG: {"schema": BYTES}, **answer["content"]}}
