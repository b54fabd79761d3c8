"""The service: one class, composed of one mixin per endpoint. `bentoml serve` finds it through bentofile.yaml.

To serve another family, add its endpoint class to `ENDPOINTS` and its view to `page/app.js`.
"""

from typing import Any

import bentoml

from atelier.service.champions import Champions, stored_model
from atelier.service.endpoints.classify_drawing import ClassifyDrawing
from atelier.service.endpoints.classify_photo import ClassifyPhoto
from atelier.service.endpoints.duel import Duel
from atelier.service.endpoints.generate_drawing import GenerateDrawing
from atelier.service.endpoints.paint import Paint
from atelier.service.endpoints.predict_object import PredictObject
from atelier.service.endpoints.stylize import Stylize
from atelier.service.endpoints.stylize_with import StylizeWith
from atelier.service.http.errors import ErrorMiddleware
from atelier.service.http.limits import LIMITS, BodyLimit
from atelier.service.http.openapi import complete
from atelier.service.site import ROUTES, create_site

ENDPOINTS = (ClassifyDrawing, GenerateDrawing, Duel, Stylize, StylizeWith, Paint, ClassifyPhoto, PredictObject)
FAMILIES = {family: preprocessing for each in ENDPOINTS for family, preprocessing in each.families.items()}

site = create_site()


class _Base:
    """Image models. Every response names the version of the model that produced it."""

    def __init__(self) -> None:
        self.champions = Champions.load(FAMILIES, stored_model)
        site.state.champions = self.champions


Atelier: Any = bentoml.service(
    name="atelier",
    workers=LIMITS.workers,
    threads=LIMITS.threads,
    traffic={"timeout": LIMITS.timeout_s, "max_concurrency": LIMITS.concurrency},
)(type("Endpoints", (_Base, *ENDPOINTS), {"__doc__": _Base.__doc__}))
Atelier.mount_asgi_app(site)
Atelier.add_asgi_middleware(BodyLimit)
Atelier.add_asgi_middleware(ErrorMiddleware)
site.state.openapi = lambda: complete(Atelier.openapi_spec.asdict(), ROUTES)
