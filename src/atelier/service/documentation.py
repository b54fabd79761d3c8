"""`/docs.json` as BentoML writes it, completed by what BentoML cannot know."""

from typing import Any

from atelier.service.questions import FORM, JSON

ABOUT = "Image models behind one address. Every answer names the family and the version of the model that gave it."
REFUSALS = {
    "400": "The input cannot be used; the sentence says what to change.",
    "413": "The request is over 10 MB.",
    "415": "The Content-Type is neither multipart/form-data nor application/json.",
    "429": "Too many requests at once; send it again later.",
    "503": "The family has no champion; the sentence says what to do.",
    "504": "The answer took too long.",
}
ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "string", "description": "A sentence that says what to change."}},
}
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
    """An OpenAPI document with `GET /models`, JSON beside forms, and every status that an endpoint answers."""
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
    content = dict(post["requestBody"]["content"])
    if FORM in content:
        # A file has no place in JSON: the same question without it.
        schema = content[FORM]["schema"]
        properties = {name: part for name, part in schema["properties"].items() if part.get("format") != "binary"}
        content[JSON] = {"schema": {**schema, "properties": properties}}
    answers = {status: answer for status, answer in post["responses"].items() if str(status).startswith("2")}
    refusals = {
        status: {"description": text, "content": {JSON: {"schema": {"$ref": "#/components/schemas/Refusal"}}}}
        for status, text in REFUSALS.items()
    }
    return {**item, "post": {**post, "requestBody": {"content": content}, "responses": {**answers, **refusals}}}
