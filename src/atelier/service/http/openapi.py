"""The OpenAPI document of BentoML, completed with what BentoML does not know.

BentoML documents one body and one response for each endpoint, both as JSON. This adds JSON bodies beside forms, images
as responses with their headers, all error responses, and the GET routes.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from atelier.service.http.fields import FILE
from atelier.service.http.image_responses import IMAGE_FORMATS, PNG
from atelier.service.http.openapi_bodies import Choices, request_bodies
from atelier.service.http.provenance import header_name
from atelier.service.http.requests import JSON
from atelier.settings import Settings

Document = dict[str, Any]
"""A part of the document."""

ABOUT = (
    "Image models behind one address. Every response names the family and the version of the model that produced it."
)
REFERENCE = "#/components/schemas/{model}"
TAG = "atelier"
"""Groups the operations. A generated client names a module after it."""
VERSION = "1.0.0"
"""Version of the API. The first number changes when a client must change."""
ERRORS = {
    "400": "The input cannot be used. The message says what to change.",
    "408": "The body did not arrive in time.",
    "413": "The request is larger than 10 MB.",
    "415": "The Content-Type is none of those documented here.",
    "429": "There are too many requests. Send it again later.",
    "503": "There is no champion. The message says why and what to do.",
    "504": "The request took too long.",
}
NOT_ACCEPTABLE = {"406": "The Accept header allows none of the types documented here."}
"""A further error of endpoints that choose the type of the response by the `Accept` header."""
NAMED_OBJECT = {
    "403": "The service does not read from this bucket. Its operator can allow it.",
    "404": "There is no such object.",
}
"""Further errors of endpoints that read an object of a bucket."""
HEADER_TYPES = ("string", "integer")
"""Types of the values that `image_responses.grid_response` writes into headers."""


class ErrorResponse(Settings):
    """The body of every error response."""

    error: str = Field(description="What to change.")


@dataclass(frozen=True)
class GetRoute:
    """A GET route beside BentoML's endpoints, with what the document says about it."""

    path: str
    handler: Callable[[Request], Awaitable[Response]]
    response: type[BaseModel]
    description: str
    statuses: Mapping[str, str]
    """HTTP status → its description."""

    def document(self) -> Document:
        responses = {status: _json_response(text, self.response) for status, text in self.statuses.items()}
        operation = {"tags": [TAG], "operationId": self.path.strip("/"), "description": self.description}
        return {"get": {**operation, "responses": responses}}


def complete(document: Document, routes: Sequence[GetRoute], choices: Mapping[str, Choices] | None = None) -> Document:
    """BentoML's document with GET routes, JSON beside forms, images, and error responses.

    Parameters
    ----------
    choices
        Route → part → the values that it can have, such as the labels of the model that is served.
    """
    schemas = {**document["components"]["schemas"], **_schemas(ErrorResponse)}
    for route in routes:
        schemas |= _schemas(route.response)
    choices = choices or {}
    paths = {
        path: _complete_post(path, item, choices.get(path, {})) if "post" in item else _complete_get(path, item)
        for path, item in document["paths"].items()
    }
    return {
        **document,
        "info": {"title": "Atelier", "description": ABOUT, "version": VERSION},
        "components": {**document["components"], "schemas": schemas},
        "paths": {**paths, **{route.path: route.document() for route in routes}},
    }


def _schemas(model: type[BaseModel]) -> Document:
    """The schema of a model and of the models in it, by name."""
    schema = model.model_json_schema(ref_template=REFERENCE, mode="serialization")
    nested = schema.pop("$defs", {})
    return {name: _with_nullable(each) for name, each in {model.__name__: schema, **nested}.items()}


def _with_nullable(schema: Document) -> Document:
    """OpenAPI 3.0 has no type `null`: `anyOf` with null becomes `nullable`."""
    properties = {}
    for name, part in schema["properties"].items():
        options = part.get("anyOf", [])
        if {"type": "null"} in options:
            part = {**part, **options[0], "nullable": True}
            del part["anyOf"]
        properties[name] = part
    return {**schema, "properties": properties}


def _json_response(description: str, model: type[BaseModel]) -> Document:
    schema = {"$ref": REFERENCE.format(model=model.__name__)}
    return {"description": description, "content": {JSON: {"schema": schema}}}


def _complete_get(path: str, item: Document) -> Document:
    """A route of BentoML itself."""
    if path != "/readyz":
        return item
    responses = {**item["get"].get("responses", {}), "503": _json_response("No model can answer.", ErrorResponse)}
    return {**item, "get": {**item["get"], "responses": responses}}


def _complete_post(path: str, item: Document, choices: Choices) -> Document:
    post = item["post"]
    bodies = request_bodies(post["requestBody"]["content"], choices)
    parts = next(iter(bodies.values()))["schema"]["properties"]
    responses = {
        status: _always_image(response) or _optional_png(response, parts)
        for status, response in post["responses"].items()
        if str(status).startswith("2")
    }
    negotiated = any(JSON not in response["content"] for response in responses.values())
    descriptions = ERRORS | (NOT_ACCEPTABLE if negotiated else {}) | (NAMED_OBJECT if "bucket" in parts else {})
    errors = {status: _json_response(text, ErrorResponse) for status, text in descriptions.items()}
    body = {"required": True, "content": bodies}
    name = path.strip("/")
    return {
        **item,
        "post": {**post, "tags": [TAG], "operationId": name, "requestBody": body, "responses": {**responses, **errors}},
    }


def _always_image(response: Document) -> Document | None:
    """The response of an endpoint that always responds with an image: its `ImageProvenance` becomes headers."""
    schema = response["content"][JSON]["schema"]
    if schema.get("format") != FILE["format"]:
        return None
    headers = {
        header_name(name): {"schema": {"type": str(part.get("type", "string"))}, "required": name in schema["required"]}
        | ({"description": part["description"]} if "description" in part else {})
        for name, part in schema["properties"].items()
    }
    return {**response, "headers": headers, "content": {each: {"schema": FILE} for each in IMAGE_FORMATS}}


def _optional_png(response: Document, parts: Document) -> Document:
    """The response of an endpoint that responds with a PNG on request: its provenance also becomes headers."""
    if "png" not in parts.get("as", {}).get("enum", ()):
        return response
    properties = response["content"][JSON]["schema"]["properties"]
    headers = {
        header_name(name): {"schema": {"type": part["type"]}, "description": "Only with a PNG."}
        for name, part in properties.items()
        if part["type"] in HEADER_TYPES
    }
    return {**response, "headers": headers, "content": {PNG: {"schema": FILE}, **response["content"]}}
