"""The service: one class, composed of one mixin per endpoint. `bentoml serve` finds it through bentofile.yaml.

To serve another family, add its endpoint class to `ENDPOINTS` and its view to `page/app.js`.
"""

from functools import cache
from typing import Any

import bentoml
from starlette.middleware.gzip import GZipMiddleware

from atelier.service.champions import Champions, stored_model
from atelier.service.endpoints.classify_drawing import ClassifyDrawing
from atelier.service.endpoints.classify_photo import ClassifyPhoto
from atelier.service.endpoints.duel import Duel
from atelier.service.endpoints.edit_face import EditFace
from atelier.service.endpoints.encode_face import EncodeFace
from atelier.service.endpoints.generate_drawing import GenerateDrawing
from atelier.service.endpoints.paint import Paint
from atelier.service.endpoints.predict_object import PredictObject
from atelier.service.endpoints.stylize import Stylize
from atelier.service.endpoints.stylize_with import StylizeWith
from atelier.service.http.admission import Admission
from atelier.service.http.errors import ErrorMiddleware
from atelier.service.http.limits import LIMITS
from atelier.service.http.metrics import metrics
from atelier.service.http.observer import Observer
from atelier.service.http.openapi import complete
from atelier.service.http.openapi_bodies import Choices
from atelier.service.http.slow_headers import limit_headers
from atelier.service.http.uploads import DECODER
from atelier.service.site import ROUTES, create_site

ENDPOINTS = (
    ClassifyDrawing,
    GenerateDrawing,
    Duel,
    Stylize,
    StylizeWith,
    Paint,
    ClassifyPhoto,
    PredictObject,
    EncodeFace,
    EditFace,
)
FAMILIES = {family: preprocessing for each in ENDPOINTS for family, preprocessing in each.families.items()}

site = create_site()


class _Base:
    """Image models. Every response names the version of the model that produced it."""

    def __init__(self) -> None:
        self.champions = Champions.load(FAMILIES, stored_model)
        site.state.champions = self.champions
        for champion in self.champions.ready.values():
            metrics().champions.labels(**champion.name).set(1)
        DECODER.start()
        limit_headers(LIMITS.head_s)

    def __is_ready__(self) -> bool:
        """Whether at least one champion has computed an example."""
        return bool(self.champions.ready)


Atelier: Any = bentoml.service(
    name="atelier",
    workers=LIMITS.workers,
    # BentoML's limits count a request from its first byte; `Admission` and `Slots` count it once its body is in.
    traffic={"timeout": LIMITS.body_s + LIMITS.timeout_s + 10},
    metrics={"enabled": False},  # `http.metrics` instead: BentoML's are labeled by addresses as clients choose them
    logging={"access": {"enabled": False}},  # `http.observer` instead
)(type("Endpoints", (_Base, *ENDPOINTS), {"__doc__": _Base.__doc__}))
Atelier.mount_asgi_app(site)
Atelier.add_asgi_middleware(Observer)
Atelier.add_asgi_middleware(GZipMiddleware, minimum_size=1000, compresslevel=6)
Atelier.add_asgi_middleware(ErrorMiddleware)
Atelier.add_asgi_middleware(Admission)


@cache  # because it takes tens of milliseconds, in which no other request is answered; champions stay the same
def openapi() -> dict[str, Any]:
    """The OpenAPI document, with the labels and styles of the champions that are served."""
    choices: dict[str, Choices] = {}
    for each in ENDPOINTS:
        choices |= each.choices(site.state.champions) if hasattr(each, "choices") else {}
    document: dict[str, Any] = complete(Atelier.openapi_spec.asdict(), ROUTES, choices)
    return document


site.state.openapi = openapi
