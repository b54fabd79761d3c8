"""Answers that say no: one JSON shape, `{"error": sentence}`, whatever went wrong."""

from starlette.responses import JSONResponse

from atelier.errors import AtelierError, BadInputError
from atelier.service.http.asgi import App, Message, Receive, Scope, Send

NOT_OURS = {
    404: "There is nothing at this address. GET /docs.json lists what there is.",
    405: "This address does not take this method. GET /docs.json says which one it takes.",
    500: "The service failed at this request, which is its fault; its log says how. Report it, or send another one.",
}
"""What Starlette and BentoML answer in other words and shapes."""
RETRY = {"Retry-After": "60"}
"""Headers of a 503."""


class UnsupportedTypeError(BadInputError):
    """The body has a type that the endpoint does not read."""


class NotAcceptableError(BadInputError):
    """The answer exists in none of the types that the request's Accept allows."""


class NoChampionError(AtelierError):
    """A family has no model to answer with, or none that fits; the message says why and what to do."""


def refusal(status: int, sentence: str) -> JSONResponse:
    """The answer for an HTTP status of 400 or more; the sentence says what to change."""
    return JSONResponse({"error": sentence}, status_code=status, headers=RETRY if status == 503 else None)


def explain(error: AtelierError) -> JSONResponse:
    """The answer for an error raised on purpose.

    Raises
    ------
    AtelierError
        The error itself, when no caller could have caused it.
    """
    if isinstance(error, UnsupportedTypeError):
        return refusal(415, str(error))
    if isinstance(error, NotAcceptableError):
        return refusal(406, str(error))
    if isinstance(error, BadInputError):
        return refusal(400, str(error))
    if isinstance(error, NoChampionError):
        return refusal(503, str(error))
    raise error


class Sentences:
    """ASGI middleware: puts sentences of ours in place of other answers with the statuses of `NOT_OURS`.

    BentoML's 429 and 504 are made outside of every middleware that a service can add. They have the same JSON shape.
    """

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        replaced = False

        async def reword(message: Message) -> None:
            nonlocal replaced
            status = message.get("status")
            if message["type"] == "http.response.start" and status in NOT_OURS:
                replaced = True
                answer = refusal(status, NOT_OURS[status])
                answer.raw_headers += [(name, value) for name, value in message["headers"] if name.lower() == b"allow"]
                await answer(scope, receive, send)
            elif not replaced:
                await send(message)

        await self.app(scope, receive, reword)
