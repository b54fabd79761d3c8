"""A time limit for the headers of a request.

uvicorn closes a connection that is idle after a response, but waits without end for headers that do not arrive. It has
no option for it, and no middleware sees a request before its headers are in.
"""

from asyncio import Transport
from functools import wraps
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol


def limit_headers(seconds: float, protocol: Any = AutoHTTPProtocol) -> None:
    """Close connections of this process whose next request does not begin within this time.

    Parameters
    ----------
    seconds
        A connection without a request is closed after this time at the earliest, after twice the time at the latest.
    protocol
        uvicorn's protocol class. Its method `connection_made` is replaced.
    """
    original = protocol.connection_made

    @wraps(original)
    def connection_made(self: Any, transport: Transport) -> None:
        original(self, transport)
        self.loop.call_later(seconds, check, self, None)

    def check(self: Any, previous: Any) -> None:
        """Called every `seconds`, with the request that was the last one then."""
        if self.transport.is_closing():
            return
        request = self.cycle
        if request is previous and (request is None or request.response_complete):
            self.transport.close()
        else:
            self.loop.call_later(seconds, check, self, request)

    protocol.connection_made = connection_made
