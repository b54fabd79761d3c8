"""Reading requests: what came in becomes plain parts, and nothing of it is believed before an endpoint has looked.

BentoML's own reading answers some malformed bodies with a 500 and downloads what a form names by URL. Here a body is
only read; what is wrong with it becomes a sentence.
"""

import functools
import json
from collections.abc import Callable
from typing import Any, ClassVar, Self, TypeVar

import bentoml
from pydantic import BaseModel
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from atelier.errors import AtelierError, BadInputError
from atelier.service.http.errors import UnsupportedTypeError, explain

JSON = "application/json"
FORM = "multipart/form-data"
Parts = dict[str, Any]
Q = TypeVar("Q", bound="Question")
A = TypeVar("A", bound=BaseModel)


class Question(bentoml.IODescriptor):  # type: ignore[misc]  # BentoML is not typed
    """What an endpoint may be asked. A subclass declares the parts as fields, which become the documentation."""

    __root_input__: ClassVar[bool] = True
    """The endpoint gets the question itself, not its fields."""
    media_type: ClassVar[str | None] = JSON
    """What it is asked in. With `FORM`, for questions with files, JSON is read as well where no file is required."""
    example: ClassVar[str] = "{}"
    """A JSON object that would be answered."""
    _accept: str = ""
    _form: Parts | None = None
    _body: bytes = b""
    _problem: BadInputError | None = None

    @classmethod
    async def from_http_request(cls, request: Request, serde: Any) -> Self:  # noqa: ARG003  BentoML's signature
        """Read the body. Never raises: BentoML would answer in its own words."""
        question: Self = cls.model_construct()
        question._accept = ", ".join(request.headers.getlist("accept"))
        kind = request.headers.get("content-type", JSON).partition(";")[0].strip().lower()
        try:
            if kind == FORM == cls.media_type:
                question._form = await _parts_of(await request.form(max_files=8, max_fields=16))
            elif kind == JSON and not cls.needs_file():
                question._body = await request.body()
            else:
                question._problem = UnsupportedTypeError(
                    f"The request's Content-Type is {kind[:80]!r}. {cls._wanted()}"
                )
        except (MultiPartException, HTTPException, ClientDisconnect, ValueError) as error:
            reason = getattr(error, "detail", None) or str(error) or "it broke off"
            question._problem = BadInputError(f"The form cannot be read ({reason}). Send it as {FORM} with a boundary.")
        return question

    @classmethod
    def needs_file(cls) -> bool:
        """Whether it cannot be asked without a file, and so not in JSON."""
        return any(field.is_required() and field.annotation is bytes for field in cls.model_fields.values())

    @property
    def accept(self) -> str:
        """The request's `Accept`, empty where it has none."""
        return self._accept

    def parts(self) -> Parts:
        """The parts by name: files as bytes, everything else as JSON values.

        Raises
        ------
        BadInputError
            When the body could not be read, is not a JSON object, or has parts the question does not know.
        """
        if self._problem:
            raise self._problem
        parts = self._parse_json() if self._form is None else self._form
        known = [field.alias or name for name, field in type(self).model_fields.items()]
        if unknown := [name for name in parts if name not in known]:
            raise BadInputError(f"There is no part called {unknown[0][:40]!r}. The parts are: {', '.join(known)}.")
        return parts

    def _parse_json(self) -> Parts:
        if not self._body.strip():
            raise BadInputError(f"The request is empty. {self._wanted()}")
        try:
            parts = json.loads(self._body)
        except RecursionError:
            raise BadInputError("The JSON is nested too deeply.") from None
        except ValueError as error:  # malformed, not UTF-8, or an integer of thousands of digits
            raise BadInputError(f"The request is not valid JSON: {str(error)[:120]}.") from None
        if not isinstance(parts, dict):
            raise BadInputError(f"The JSON must be an object, such as {self.example}.")
        return parts

    @classmethod
    def _wanted(cls) -> str:
        if cls.needs_file():
            return f"Send {FORM}."
        picture = f"a picture as {FORM}, or " if cls.media_type == FORM else ""
        return f"Send {picture}{JSON}, such as {cls.example}."


async def _parts_of(form: FormData) -> Parts:
    parts: Parts = {}
    for name, value in form.multi_items():
        if name in parts:
            raise ValueError(f"the part {name[:40]!r} occurs twice")
        parts[name] = await value.read() if isinstance(value, UploadFile) else _value(value)
    return parts


def _value(text: str) -> Any:
    """A form's text is JSON where it can be read so, and text otherwise."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def endpoint(route: str, question: type[Q], answer: type[A]) -> Callable[[Callable[[Any, Q], A | Response]], Any]:
    """Make a method a BentoML API that answers every `AtelierError` with its sentence and the right status.

    A method that answers with a picture returns a response of its own. The documentation knows from the question, which
    has a part `as` that names the forms of the answer, `png` among them; or, where every answer is a picture, from the
    answer, an `atelier.service.http.image_responses.Origin`.
    """

    def decorate(method: Callable[[Any, Q], A | Response]) -> Any:
        @functools.wraps(method)
        def respond(self: Any, asked: Q) -> A | Response:
            try:
                return method(self, asked)
            except AtelierError as error:
                return explain(error)

        return bentoml.api(route=route, input_spec=question, output_spec=answer)(respond)

    return decorate
