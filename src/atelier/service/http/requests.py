"""Requests of the endpoints: how bodies are read and validated.

BentoML's own reader responds to some malformed bodies with a 500, and downloads files from URLs in a form. Here a
body is only read. Pydantic validates it later, inside the endpoint, where every error becomes a message.
"""

import functools
import json
from collections.abc import Callable
from email.message import Message
from typing import Any, ClassVar, Self, TypeVar

import bentoml
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Scope

from atelier.errors import AtelierError, BadInputError
from atelier.service.http.errors import UnsupportedTypeError, reason_of, response_for
from atelier.service.http.fields import message_for
from atelier.service.http.metrics import ROUTES, metrics
from atelier.service.http.provenance import models_of
from atelier.service.http.slots import SLOTS, Cost

JSON = "application/json"
FORM = "multipart/form-data"
FILES = (bytes, list[bytes])
"""Types of fields that are files: one, or several parts of one name."""
Parts = dict[str, Any]
"""The parts of a body by name: files as bytes, all other parts as JSON values."""
R = TypeVar("R", bound="EndpointRequest")
A = TypeVar("A", bound=BaseModel)


class EndpointRequest(bentoml.IODescriptor):  # type: ignore[misc]  # BentoML has no types
    """The base of all requests. A subclass declares its parts as fields; they are validated and documented.

    BentoML creates it with `from_http_request`, without validation. The endpoint calls `validated`.
    """

    model_config = ConfigDict(strict=True, extra="forbid")
    __root_input__: ClassVar[bool] = True
    """Tells BentoML to call the endpoint with the request itself, not with its fields."""
    media_type: ClassVar[str | None] = JSON
    """Type of the body. A request with `FORM` may also be sent as JSON, unless a file is required."""
    example: ClassVar[str] = "{}"
    """A valid JSON body."""
    _accept: str = ""
    _scope: Scope | None = None
    _form: Parts | None = None
    _body: bytes = b""
    _error: BadInputError | None = None

    @classmethod
    async def from_http_request(cls, request: Request, serde: Any) -> Self:  # noqa: ARG003  BentoML's signature
        """Read the body. It never raises, because BentoML would word the error."""
        read: Self = cls.model_construct()
        read._accept = ", ".join(request.headers.getlist("accept"))
        read._scope = request.scope
        declared = request.headers.get("content-type")
        body_type = (JSON if declared is None else declared).partition(";")[0].strip().lower()
        try:
            if body_type == FORM == cls.media_type:
                _check_end(await request.body(), declared or "")
                read._form = await _parse_form(await request.form(max_files=8, max_fields=16), cls._lists())
            elif body_type == JSON and not cls.needs_file():
                read._body = await request.body()
            else:
                found = f"The request's Content-Type is {body_type[:80]!r}" if declared else "There is no Content-Type"
                read._error = UnsupportedTypeError(f"{found}. {cls._what_to_send()}")
        except (MultiPartException, HTTPException, ClientDisconnect, ValueError) as error:
            reason = getattr(error, "detail", None) or str(error) or "the connection was closed"
            read._error = BadInputError(f"The form cannot be read ({reason}). Send it as {FORM} with a boundary.")
        return read

    @classmethod
    def needs_file(cls) -> bool:
        """True if a file is required. Such a request cannot be sent as JSON."""
        return any(field.is_required() and field.annotation in FILES for field in cls.model_fields.values())

    @classmethod
    def _lists(cls) -> set[str]:
        """The parts that may occur several times."""
        return {name for name, field in cls.model_fields.items() if field.annotation == list[bytes]}

    @property
    def accept(self) -> str:
        """The `Accept` header, empty if there is none."""
        return self._accept

    def has_file(self, part: str) -> bool:
        """Whether a form with this part was sent. Known before the request is validated; JSON has no files."""
        return self._form is not None and part in self._form

    def validated(self) -> Self:
        """The request with its parts as validated fields.

        Raises
        ------
        BadInputError
            If the body cannot be read, or if its parts are not those that this request has.
        """
        if self._error:
            raise self._error
        return self.from_parts(self._parse_json() if self._form is None else self._form, self._accept)

    @classmethod
    def from_parts(cls, parts: Parts, accept: str = "") -> Self:
        """A validated request.

        Raises
        ------
        BadInputError
            If a part is unknown, missing or wrong. The message says what it must be.
        """
        try:
            request: Self = cls.model_validate(parts)
        except ValidationError as error:
            raise BadInputError(message_for(error, cls)) from None
        request._accept = accept
        return request

    def _parse_json(self) -> Parts:
        if not self._body.strip():
            raise BadInputError(f"The request is empty. {self._what_to_send()}")
        try:
            parts = json.loads(self._body)
        except RecursionError:
            raise BadInputError("The JSON is nested too deeply.") from None
        except ValueError as error:  # malformed, not UTF-8, or an integer with thousands of digits
            raise BadInputError(f"The request is not valid JSON: {str(error)[:120]}.") from None
        if not isinstance(parts, dict):
            raise BadInputError(f"The JSON must be an object, such as {self.example}.")
        return parts

    @classmethod
    def _what_to_send(cls) -> str:
        if cls.needs_file():
            return f"Send {FORM}."
        image = f"an image as {FORM}, or " if cls.media_type == FORM else ""
        return f"Send {image}{JSON}, such as {cls.example}."


def _check_end(body: bytes, content_type: str) -> None:
    """Refuse a form that does not end with its boundary: its last part would be lost.

    Raises
    ------
    ValueError
        If the end is missing. A form without a boundary is left to the parser.
    """
    options = Message()
    options["content-type"] = content_type
    boundary = options.get_param("boundary")
    if (
        isinstance(boundary, str)
        and f"--{boundary}--".encode("latin-1", "replace") not in body[-len(boundary) - 1000 :]
    ):
        raise ValueError("its closing boundary is missing, so it is cut off")


async def _parse_form(form: FormData, lists: set[str]) -> Parts:
    parts: Parts = {}
    for name, value in form.multi_items():
        content = await value.read() if isinstance(value, UploadFile) else _parse_text(value)
        if name in lists:
            parts[name] = [*parts.get(name, []), content]
        elif name in parts:
            raise ValueError(f"the part {name[:40]!r} occurs twice")
        else:
            parts[name] = content
    return parts


def _parse_text(text: str) -> Any:
    """The text of a form as JSON, or as it is if it is not JSON, or `null`: a part without a value is left out."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text if value is None else value


def endpoint(
    route: str, request: type[R], response: type[A], cost: Cost | Callable[[R], Cost] = "light"
) -> Callable[[Callable[[Any, R], A | Response]], Any]:
    """Make a method a BentoML API. Every `AtelierError` that it raises becomes an error response.

    Parameters
    ----------
    route
        The path, such as `/classify_drawing`.
    request
        What the method takes, not validated yet.
    response
        What the method returns, for the OpenAPI document. A method that returns an image returns a Starlette response.
        If it always does, `response` is an `ImageProvenance`. If the client may choose, the request has a part `as`
        with `png` among its values.
    cost
        `medium` or `heavy` for a method that takes tens of milliseconds or more: each has threads of its own. Or a
        function that says it of a request, which is not validated yet.
    """

    def decorate(method: Callable[[Any, R], A | Response]) -> Any:
        @functools.wraps(method)
        async def respond(self: Any, request_: R) -> A | Response:
            try:
                slots = SLOTS[cost(request_) if callable(cost) else cost]
                answer = await slots.run(functools.partial(method, self, request_))
            except AtelierError as error:
                metrics().refusals.labels(route, reason_of(error)).inc()
                if request_._scope is not None:
                    request_._scope["atelier.refused"] = True
                return response_for(error)
            for family, version in models_of(answer):
                metrics().answers.labels(route, family, version).inc()
            return answer

        ROUTES.know(route)
        return bentoml.api(route=route, input_spec=request, output_spec=response)(respond)

    return decorate
