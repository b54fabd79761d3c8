"""`/docs.json` as BentoML writes it, completed by what BentoML cannot know."""

from typing import Any

from atelier.service.http.image_responses import KINDS
from atelier.service.http.provenance import header_name
from atelier.service.http.requests import JSON
from atelier.service.http.sheets import PNG

ABOUT = "Image models behind one address. Every answer names the family and the version of the model that gave it."
REFUSALS = {
    "400": "The input cannot be used; the sentence says what to change.",
    "413": "The request is over 10 MB.",
    "415": "The Content-Type is none of those named here.",
    "429": "Too many requests at once; send it again later.",
    "503": "No champion can answer; the sentence says why and what to do.",
    "504": "The answer took too long.",
}
NOT_ACCEPTABLE = {"406": "The request's Accept allows none of the types named here."}
"""A further refusal of those who answer with the type that they are asked for."""
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
STYLES = {
    "get": {
        "tags": ["Service APIs"],
        "operationId": "styles",
        "description": "The styles that POST /stylize takes, each with a small picture of what it looks like.",
        "responses": {
            status: {"description": text, "content": {JSON: {"schema": {"$ref": "#/components/schemas/Styles"}}}}
            for status, text in {
                "200": "The styles, and the model that learned them.",
                "503": "There is no champion: reason says why and what to do, and so does error.",
            }.items()
        },
    }
}
STYLES_SCHEMA = {
    "type": "object",
    "required": ["family", "version", "ready", "reason", "styles"],
    "properties": {
        "family": {"type": "string"},
        "version": {"type": "string", "nullable": True},
        "ready": {"type": "boolean"},
        "reason": {"type": "string", "nullable": True},
        "error": {"type": "string", "description": "Only where ready is false."},
        "styles": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "thumbnail"],
                "properties": {
                    "name": {"type": "string"},
                    "thumbnail": {"type": "string", "nullable": True, "description": "The data: URL of a picture."},
                },
            },
        },
    },
}


def complete(spec: dict[str, Any]) -> dict[str, Any]:
    """An OpenAPI document with what `site` answers, JSON beside forms, pictures beside JSON, and every refusal."""
    schemas = {**spec["components"]["schemas"], "Refusal": ERROR, "Models": MODELS_SCHEMA, "Styles": STYLES_SCHEMA}
    paths = {path: _complete_path(item) for path, item in spec["paths"].items()}
    return {
        **spec,
        "info": {"title": "Atelier", "description": ABOUT, "version": spec["info"]["version"]},
        "components": {**spec["components"], "schemas": schemas},
        "paths": {**paths, "/models": MODELS, "/styles": STYLES},
    }


def _complete_path(item: dict[str, Any]) -> dict[str, Any]:
    if "post" not in item:
        return item
    post = item["post"]
    asked = _asked(post["requestBody"]["content"])
    parts = next(iter(asked.values()))["schema"]["properties"]
    answers = {
        status: _pictures(answer) or _with_picture(answer, parts)
        for status, answer in post["responses"].items()
        if str(status).startswith("2")
    }
    chosen = any(JSON not in answer["content"] for answer in answers.values())
    refusals = {
        status: {"description": text, "content": {JSON: {"schema": {"$ref": "#/components/schemas/Refusal"}}}}
        for status, text in (REFUSALS | (NOT_ACCEPTABLE if chosen else {})).items()
    }
    return {**item, "post": {**post, "requestBody": {"content": asked}, "responses": {**answers, **refusals}}}


def _asked(content: dict[str, Any]) -> dict[str, Any]:
    """Whatever is read as a form without needing a file is read as JSON as well; files have no place there."""
    schema = next(iter(content.values()))["schema"]
    files = [name for name, part in schema["properties"].items() if part.get("format") == "binary"]
    content = {kind: each | _encoded(each, files) for kind, each in content.items()}
    if set(files) & set(schema.get("required", ())):
        return content
    parts = {name: part for name, part in schema["properties"].items() if name not in files}
    properties = {name: part | ({"nullable": True} if _may_be_null(part) else {}) for name, part in parts.items()}
    return {**content, JSON: {"schema": {**schema, "properties": properties}}}


def _encoded(form: dict[str, Any], files: list[str]) -> dict[str, Any]:
    """How the parts of a form are encoded: BentoML takes them all for JSON."""
    if "encoding" not in form:
        return {}
    return {"encoding": form["encoding"] | {name: {"contentType": "image/*"} for name in files}}


def _may_be_null(part: dict[str, Any]) -> bool:
    return "default" in part and part["default"] is None


def _pictures(answer: dict[str, Any]) -> dict[str, Any] | None:
    """An answer that is always a picture: what BentoML takes for its JSON are its headers."""
    schema = answer["content"][JSON]["schema"]
    if schema.get("format") != "binary":
        return None
    headers = {
        header_name(name): {"schema": {"type": _type(part)}, "required": name in schema["required"]}
        | ({"description": part["description"]} if "description" in part else {})
        for name, part in schema["properties"].items()
    }
    return {**answer, "headers": headers, "content": {kind: {"schema": BYTES} for kind in KINDS}}


def _type(part: dict[str, Any]) -> str:
    return str(part.get("type", "string"))


def _with_picture(answer: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    """Where a question may ask for a PNG, what the JSON says of its origin is in the PNG's headers."""
    if "png" not in parts.get("as", {}).get("enum", ()):
        return answer
    told = {
        name: part for name, part in answer["content"][JSON]["schema"]["properties"].items() if part["type"] in TOLD
    }
    headers = {
        header_name(name): {"schema": {"type": part["type"]}, "description": "With a PNG only."}
        for name, part in told.items()
    }
    return {**answer, "headers": headers, "content": {PNG: {"schema": BYTES}, **answer["content"]}}
