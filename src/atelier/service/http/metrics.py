"""Prometheus metrics of the service. Every label has a bounded set of values, none of them chosen by a client."""

from functools import cache
from typing import Any

from bentoml._internal.configuration.containers import BentoMLContainer
from starlette.requests import Request
from starlette.responses import Response

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)
"""Upper ends of the histogram's buckets."""
OTHER = "other"
"""Label of addresses that do not exist."""
PAGE = "/page/{file}"


class Metrics:
    """The metrics of one process.

    BentoML's client is used because it adds up the metrics of several workers. It must not be asked before the worker
    has started.
    """

    def __init__(self) -> None:
        client: Any = BentoMLContainer.metrics_client.get().prometheus_client
        self.requests = client.Counter("atelier_requests", "Requests by route and HTTP status.", ["route", "status"])
        self.seconds = client.Histogram(
            "atelier_request_seconds", "Time from the first byte to the last, by route.", ["route"], buckets=SECONDS
        )
        self.answers = client.Counter(
            "atelier_answers", "Answers by route and by the model that computed them.", ["route", "family", "version"]
        )
        self.refusals = client.Counter("atelier_refusals", "Refused requests by route and reason.", ["route", "reason"])
        self.champions = client.Gauge(
            "atelier_champion",
            "1 for the version of each family that is served.",
            ["family", "version"],
            multiprocess_mode="livemax",
        )


@cache
def metrics() -> Metrics:
    """The metrics of this process."""
    return Metrics()


class Routes:
    """The routes by which requests are labeled: a fixed set, and `other`."""

    def __init__(self) -> None:
        self._known: frozenset[str] = frozenset()

    def know(self, *paths: str) -> None:
        self._known |= frozenset(paths)

    def template(self, path: str) -> str:
        """The route of an address: itself, the template of the page's files, or `other`."""
        if path in self._known:
            return path
        return PAGE if path.startswith("/page/") else OTHER


ROUTES = Routes()


async def respond(_: Request) -> Response:
    """`GET /metrics` in the format of Prometheus."""
    client: Any = BentoMLContainer.metrics_client.get()
    return Response(client.generate_latest(), media_type=client.CONTENT_TYPE_LATEST)
