"""The bodies of requests in the OpenAPI document."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from atelier.service.http.fields import is_file
from atelier.service.http.requests import JSON

Document = dict[str, Any]
"""A part of the document."""
Choices = Mapping[str, Sequence[str]]
"""Part of a request → the values that it can have."""


def request_bodies(content: Document, choices: Choices) -> Document:
    """The bodies of a request by type. A form without required files may also be sent as JSON, without the files.

    Parameters
    ----------
    content
        What BentoML documents: one type.
    """
    media_type, body = next(iter(content.items()))
    schema = _with_choices(body["schema"], choices)
    files = [name for name, part in schema["properties"].items() if is_file(part)]
    alternatives = [name for each in schema.get("oneOf", ()) for name in each["required"]]
    form = _only(schema, [name for name in alternatives if name not in files], required=set(alternatives) & set(files))
    bodies = {media_type: {**body, "schema": form} | _encoding(body, files)}
    if set(files) & set(schema.get("required", ())):
        return bodies
    return {**bodies, JSON: {"schema": _as_json(_only(schema, files, required=set(alternatives) - set(files)))}}


def _only(schema: Document, without: Sequence[str], required: AbstractSet[str]) -> Document:
    """The schema without some parts. Of parts of which exactly one is needed, a form has the file, JSON the other."""
    properties = {name: part for name, part in schema["properties"].items() if name not in without}
    for name in required:
        properties[name] = {key: value for key, value in properties[name].items() if key != "default"}
    needed = [*schema.get("required", ()), *sorted(required)]
    plain = {key: value for key, value in schema.items() if key not in ("oneOf", "required")}
    return {**plain, "properties": properties} | ({"required": needed} if needed else {})


def _with_choices(schema: Document, choices: Choices) -> Document:
    properties = {}
    for name, part in schema["properties"].items():
        properties[name] = part
        if choices.get(name):
            allowed = {"type": "string", "enum": list(choices[name])}
            described = {key: value for key, value in part.items() if key not in ("type", "anyOf", "examples")}
            properties[name] = described | ({"anyOf": [allowed, *part["anyOf"][1:]]} if "anyOf" in part else allowed)
    return {key: value for key, value in schema.items() if key != "root_input"} | {"properties": properties}


def _as_json(schema: Document) -> Document:
    """The schema for a JSON body: parts with the default null may be null."""
    properties = {
        name: _nullable(part) if part.get("default", "") is None else part
        for name, part in schema["properties"].items()
    }
    return {**schema, "properties": properties}


def _encoding(form: Document, files: Sequence[str]) -> Document:
    """How the parts of a form are encoded. BentoML documents all of them as JSON."""
    if "encoding" not in form:
        return {}
    return {"encoding": form["encoding"] | {name: {"contentType": "image/*"} for name in files}}


def _nullable(part: Document) -> Document:
    return {**part, "nullable": True} | ({"enum": [*part["enum"], None]} if "enum" in part else {})
