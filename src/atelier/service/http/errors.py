"""Error responses. Every error has the same JSON shape, `{"error": message}`."""

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from atelier.errors import AtelierError, BadInputError

CLIENT_CLOSED = 499
"""Status of a request whose client has closed the connection, in log and metrics, as in nginx."""
MESSAGES = {
    404: "There is nothing at this address. GET /docs.json lists all addresses.",
    405: "This address does not accept this method. GET /docs.json lists the methods it accepts.",
    500: "The service failed on this request because of an error of its own, see its log. Please report it.",
}
"""Messages for the errors that Starlette and BentoML would word and format differently."""
NOT_READY = "No model can answer. GET /models says why, and what to do."
RETRY = {"Retry-After": "60"}
"""Headers of a 503 response."""
RETRY_SOON = {"Retry-After": "2"}
"""Headers of a 429 response."""


class BusyError(AtelierError):
    """Too many requests are waiting."""


class BadImageError(BadInputError):
    """An uploaded image cannot be used.

    Parameters
    ----------
    reason
        One of a fixed set, such as `too many pixels`, by which refusals are counted.
    """

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


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
    BusyError: 429,
}
"""Error → HTTP status; the first that fits."""
WORDED = "Atelier-Error"
"""Header of the error responses that have a message of their own, which the middleware keeps."""
REASONS: dict[type[AtelierError], str] = {
    UnsupportedTypeError: "unsupported type",
    NotAcceptableError: "not acceptable",
    NotAllowedError: "not allowed",
    NotFoundError: "not found",
    TooLargeError: "too large",
    BadInputError: "bad input",
    NoChampionError: "no champion",
    BusyError: "busy",
}
"""Error → reason in the metrics; the first that fits."""


def error_response(status: int, message: str) -> JSONResponse:
    """The response for an HTTP status of 400 or more. The message says what to change."""
    headers = {WORDED: str(status), **{503: RETRY, 429: RETRY_SOON}.get(status, {})}
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


def reason_of(error: AtelierError) -> str:
    """The reason by which a refusal is counted, one of a fixed set."""
    if isinstance(error, BadImageError):
        return error.reason
    return next((reason for kind, reason in REASONS.items() if isinstance(error, kind)), "error of the service")


class ErrorMiddleware:
    """ASGI middleware that replaces the body of every response whose status is in `MESSAGES`, and of `/readyz`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        replaced = False

        async def replace_errors(message: Message) -> None:
            nonlocal replaced
            status = message.get("status", 0)
            start = message["type"] == "http.response.start"
            worded = start and any(name.lower() == WORDED.lower().encode() for name, _ in message["headers"])
            text = NOT_READY if (status, scope.get("path")) == (503, "/readyz") else MESSAGES.get(status)
            if start and text and not worded:
                replaced = True
                response = error_response(status, text)
                response.raw_headers += [
                    (name, value) for name, value in message["headers"] if name.lower() == b"allow"
                ]
                await response(scope, receive, send)
            elif not replaced:
                await send(message)

        await self.app(scope, receive, replace_errors)
