"""Values that several requests have in common, and the messages for values that are not valid."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from pydantic.config import JsonDict
from pydantic_core import ErrorDetails

from atelier.errors import BadInputError, nearest

FILE: JsonDict = {"type": "string", "format": "binary"}
"""JSON schema of an uploaded file."""
FILES: JsonDict = {"type": "array", "items": FILE}
"""JSON schema of several uploaded files, each a part of the same name."""
MAX_SEED = 2**32 - 1
MAX_RANDOM_SEED = 999_999
"""Random seeds are small, so that they can be read out."""
MAX_WEIGHT = 1_000_000
MAX_LABEL_LENGTH = 60
"""Number of characters of an unknown label that are compared and repeated in messages."""
MAX_NAME_LENGTH = 40
"""Number of characters of an unknown part's name that are repeated in messages."""

_WEIGHTS: TypeAdapter[list[float]] = TypeAdapter(
    list[Annotated[float, Field(strict=True, ge=0, le=MAX_WEIGHT, allow_inf_nan=False)]]
)


@dataclass(frozen=True)
class Expected:
    """Metadata of a field that says what its value must be, where the JSON schema says too little for a message."""

    text: str


def is_file(schema: Mapping[str, Any]) -> bool:
    """Whether a JSON schema is that of one or several uploaded files."""
    return bool({**schema, **schema.get("items", {})}.get("format") == FILE["format"])


def seed_or_random(seed: int | None) -> int:
    """The seed of a request, or a random one if it has none."""
    return secrets.randbelow(MAX_RANDOM_SEED + 1) if seed is None else seed


def shares(what: str, weights: Sequence[Any]) -> list[float]:
    """Weights divided by their sum. `what` names them in the message.

    Raises
    ------
    BadInputError
        If a weight is not a number from 0 to `MAX_WEIGHT`, or if none is above 0.
    """
    try:
        numbers = _WEIGHTS.validate_python(list(weights))
    except ValidationError:
        numbers = []
    total = sum(numbers)
    if not total:
        raise BadInputError(f"{what} must be numbers from 0 to {MAX_WEIGHT}, not all of them 0.")
    return [number / total for number in numbers]


def known_label(label: str, known: Sequence[str], what: str = "label") -> str:
    """The label, if the model knows it. `what` names it in the message.

    Raises
    ------
    BadInputError
        If the model does not know it. The message suggests similar ones.
    """
    if label not in known:
        label = label[:MAX_LABEL_LENGTH]
        raise BadInputError(f"There is no {what} {label!r} here. There is, for example, {nearest(label, known)}.")
    return label


def message_for(error: ValidationError, request: type[BaseModel]) -> str:
    """A message for a request that is not valid: an unknown part if there is one, otherwise the first wrong value."""
    details = error.errors(include_url=False, include_input=True)
    unknown = [each for each in details if each["type"] == "extra_forbidden"]
    if unknown:
        return f"There is no part called {_name(unknown[0])!r}. {_parts(request)}"
    if not details[0]["loc"]:  # a name that is not valid Unicode
        return f"A part has a name that cannot be read. {_parts(request)}"
    return _wrong_value(details[0], request)


def _parts(request: type[BaseModel]) -> str:
    return f"The parts are: {', '.join(field.alias or name for name, field in request.model_fields.items())}."


def _name(error: ErrorDetails) -> str:
    return str(error["loc"][0])[:MAX_NAME_LENGTH]


def _wrong_value(error: ErrorDetails, request: type[BaseModel]) -> str:
    name = _name(error)
    expected = [
        each.text
        for key, field in request.model_fields.items()
        for each in field.metadata
        if (field.alias or key) == name and isinstance(each, Expected)
    ]
    if expected:
        return f"{name} must be {expected[0]}."
    schema = request.model_json_schema()["properties"][name]
    if is_file(schema):
        missing = error["type"] == "missing" or error["input"] is None
        problem = f"There is no {name}." if missing else f"{name} must be a file."
        return f"{problem} Send it as multipart/form-data, with a file name."
    return f"{name} must be {_expectation(schema)}."


_NOUNS = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "string": "text",
    "array": "a list",
    "object": "an object",
}
"""Type in a JSON schema → how a message names it."""


def _expectation(schema: dict[str, Any]) -> str:
    """What a value must be, from its JSON schema: `a whole number from 1 to 64`."""
    schema = {**schema, **schema.get("anyOf", [{}])[0]}  # of an optional value, the schema of the value
    if "enum" in schema:
        return " or ".join(map(repr, schema["enum"]))
    noun = _NOUNS.get(schema.get("type", ""), "valid")
    if "maximum" in schema:
        return f"{noun} from {schema['minimum']} to {schema['maximum']}"
    if "minimum" in schema:
        return f"{noun} of at least {schema['minimum']}"
    return f"{noun}, such as {schema['examples'][0]!r}" if "examples" in schema else noun
