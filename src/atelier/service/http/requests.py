"""Requests of the endpoints: how bodies are read and validated.

BentoML's own reader responds to some malformed bodies with a 500, and downloads files from URLs in a form. Here a
body is only read. Pydantic validates it later, inside the endpoint, where every error becomes a message.
"""

import functools
import json
from collections.abc import Callable
from typing import Any, ClassVar, Self, TypeVar

import bentoml
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from atelier.errors import AtelierError, BadInputError
from atelier.service.http.errors import UnsupportedTypeError, response_for
from atelier.service.http.fields import message_for

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
    _form: Parts | None = None
    _body: bytes = b""
    _error: BadInputError | None = None

    @classmethod
    async def from_http_request(cls, request: Request, serde: Any) -> Self:  # noqa: ARG003  BentoML's signature
        """Read the body. It never raises, because BentoML would word the error."""
        read: Self = cls.model_construct()
        read._accept = ", ".join(request.headers.getlist("accept"))
        body_type = request.headers.get("content-type", JSON).partition(";")[0].strip().lower()
        try:
            if body_type == FORM == cls.media_type:
                read._form = await _parse_form(await request.form(max_files=8, max_fields=16), cls._lists())
            elif body_type == JSON and not cls.needs_file():
                read._body = await request.body()
            else:
                read._error = UnsupportedTypeError(
                    f"The request's Content-Type is {body_type[:80]!r}. {cls._what_to_send()}"
                )
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
    """The text of a form as JSON, or as it is if it is not JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def endpoint(route: str, request: type[R], response: type[A]) -> Callable[[Callable[[Any, R], A | Response]], Any]:
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
    """

    def decorate(method: Callable[[Any, R], A | Response]) -> Any:
        @functools.wraps(method)
        def respond(self: Any, request_: R) -> A | Response:
            try:
                return method(self, request_)
            except AtelierError as error:
                return response_for(error)

        return bentoml.api(route=route, input_spec=request, output_spec=response)(respond)

    return decorate
