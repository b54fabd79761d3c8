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

from atelier.service.http.fields import FILE, is_file
from atelier.service.http.image_responses import IMAGE_FORMATS, PNG
from atelier.service.http.provenance import header_name
from atelier.service.http.requests import JSON
from atelier.settings import Settings

Document = dict[str, Any]
"""A part of the document."""

ABOUT = (
    "Image models behind one address. Every response names the family and the version of the model that produced it."
)
REFERENCE = "#/components/schemas/{model}"
ERRORS = {
    "400": "The input cannot be used. The message says what to change.",
    "413": "The request is larger than 10 MB.",
    "415": "The Content-Type is none of those documented here.",
    "429": "There are too many requests. Send it again later.",
    "503": "There is no champion. The message says why and what to do.",
    "504": "The request took too long.",
}
NOT_ACCEPTABLE = {"406": "The Accept header allows none of the types documented here."}
"""A further error of endpoints that choose the type of the response by the `Accept` header."""
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
        operation = {"tags": ["Service APIs"], "operationId": self.path.strip("/"), "description": self.description}
        return {"get": {**operation, "responses": responses}}


def complete(document: Document, routes: Sequence[GetRoute]) -> Document:
    """BentoML's document with GET routes, JSON beside forms, images, and error responses."""
    schemas = {**document["components"]["schemas"], **_schemas(ErrorResponse)}
    for route in routes:
        schemas |= _schemas(route.response)
    paths = {path: _complete_path(item) for path, item in document["paths"].items()}
    return {
        **document,
        "info": {"title": "Atelier", "description": ABOUT, "version": document["info"]["version"]},
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


def _complete_path(item: Document) -> Document:
    if "post" not in item:
        return item
    post = item["post"]
    bodies = _bodies(post["requestBody"]["content"])
    parts = next(iter(bodies.values()))["schema"]["properties"]
    responses = {
        status: _always_image(response) or _optional_png(response, parts)
        for status, response in post["responses"].items()
        if str(status).startswith("2")
    }
    negotiated = any(JSON not in response["content"] for response in responses.values())
    descriptions = ERRORS | (NOT_ACCEPTABLE if negotiated else {})
    errors = {status: _json_response(text, ErrorResponse) for status, text in descriptions.items()}
    return {**item, "post": {**post, "requestBody": {"content": bodies}, "responses": {**responses, **errors}}}


def _bodies(content: Document) -> Document:
    """The bodies of a request by type. A form without required files may also be sent as JSON, without the files."""
    schema = next(iter(content.values()))["schema"]
    files = [name for name, part in schema["properties"].items() if is_file(part)]
    content = {media_type: body | _encoding(body, files) for media_type, body in content.items()}
    if set(files) & set(schema.get("required", ())):
        return content
    parts = {name: part for name, part in schema["properties"].items() if name not in files}
    properties = {name: part | ({"nullable": True} if _is_nullable(part) else {}) for name, part in parts.items()}
    return {**content, JSON: {"schema": {**schema, "properties": properties}}}


def _encoding(form: Document, files: list[str]) -> Document:
    """How the parts of a form are encoded. BentoML documents all of them as JSON."""
    if "encoding" not in form:
        return {}
    return {"encoding": form["encoding"] | {name: {"contentType": "image/*"} for name in files}}


def _is_nullable(part: Document) -> bool:
    return "default" in part and part["default"] is None


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
