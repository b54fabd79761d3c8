"""Answers that say no: one JSON shape, `{"error": sentence}`, whatever went wrong."""

from starlette.responses import JSONResponse

from atelier.errors import AtelierError, BadInputError


class UnsupportedTypeError(BadInputError):
    """The body has a type that the endpoint does not read."""


class NoChampionError(AtelierError):
    """A family has no model to answer with; the message says why and what to do."""


def refusal(status: int, sentence: str) -> JSONResponse:
    """The answer for an HTTP status of 400 or more; the sentence says what to change."""
    headers = {"Retry-After": "60"} if status == 503 else None
    return JSONResponse({"error": sentence}, status_code=status, headers=headers)


def explain(error: AtelierError) -> JSONResponse:
    """The answer for an error raised on purpose.

    Raises
    ------
    AtelierError
        The error itself, when no caller could have caused it.
    """
    if isinstance(error, UnsupportedTypeError):
        return refusal(415, str(error))
    if isinstance(error, BadInputError):
        return refusal(400, str(error))
    if isinstance(error, NoChampionError):
        return refusal(503, str(error))
    raise error
