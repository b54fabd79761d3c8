"""Error responses. Every error has the same JSON shape, `{"error": message}`."""

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from atelier.errors import AtelierError, BadInputError

MESSAGES = {
    404: "There is nothing at this address. GET /docs.json lists all addresses.",
    405: "This address does not accept this method. GET /docs.json lists the methods it accepts.",
    500: "The service failed on this request because of an error of its own, see its log. Please report it.",
}
"""Messages for the errors that Starlette and BentoML would word and format differently."""
RETRY = {"Retry-After": "60"}
"""Headers of a 503 response."""


class UnsupportedTypeError(BadInputError):
    """The endpoint does not read bodies of this type."""


class NotAcceptableError(BadInputError):
    """The endpoint produces none of the types that the `Accept` header allows."""


class NotAllowedError(BadInputError):
    """The operator of the service has not allowed this."""


class NotFoundError(BadInputError):
    """What the request names does not exist."""


class TooLargeError(BadInputError):
    """What the request names is larger than the service reads."""


class NoChampionError(AtelierError):
    """A family has no champion that can answer. The message says why and what to do."""


STATUSES: dict[type[AtelierError], int] = {
    UnsupportedTypeError: 415,
    NotAcceptableError: 406,
    NotAllowedError: 403,
    NotFoundError: 404,
    TooLargeError: 413,
    BadInputError: 400,
    NoChampionError: 503,
}
"""Error → status. The first class that fits counts."""
WORDED = "Atelier-Error"
"""Header of the error responses that have a message of their own, which the middleware keeps."""


def error_response(status: int, message: str) -> JSONResponse:
    """The response for an HTTP status of 400 or more. The message says what to change."""
    headers = {WORDED: str(status)} | (RETRY if status == 503 else {})
    return JSONResponse({"error": message}, status_code=status, headers=headers)


def response_for(error: AtelierError) -> JSONResponse:
    """The response for an error that Atelier raised on purpose.

    Raises
    ------
    AtelierError
        The error itself, if it is not the client's fault and not a missing champion.
    """
    for kind, status in STATUSES.items():
        if isinstance(error, kind):
            return error_response(status, str(error))
    raise error


class ErrorMiddleware:
    """ASGI middleware that replaces the body of every response whose status is in `MESSAGES`.

    BentoML creates its 429 and 504 responses outside of any middleware that a service can add. They already have the
    same JSON shape.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        replaced = False

        async def replace_errors(message: Message) -> None:
            nonlocal replaced
            status = message.get("status")
            start = message["type"] == "http.response.start"
            worded = start and any(name.lower() == WORDED.lower().encode() for name, _ in message["headers"])
            if start and status in MESSAGES and not worded:
                replaced = True
                response = error_response(status, MESSAGES[status])
                response.raw_headers += [
                    (name, value) for name, value in message["headers"] if name.lower() == b"allow"
                ]
                await response(scope, receive, send)
            elif not replaced:
                await send(message)

        await self.app(scope, receive, replace_errors)
