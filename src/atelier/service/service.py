"""The service: one class, made of one endpoint module a family. `bentoml serve` finds it through bentofile.yaml.

A further family adds its endpoint module and names it twice below.
"""

from typing import Any

import bentoml

from atelier.service import drawings
from atelier.service.documentation import complete
from atelier.service.limits import LIMITS, BodyLimit
from atelier.service.site import create_site
from atelier.service.store import Champions, stored_model

FAMILIES = (drawings.FAMILY,)

site = create_site()


class Endpoints(drawings.ClassifyDrawing):
    """Image models, each answer with the version that gave it."""

    def __init__(self) -> None:
        self.champions = Champions.load(FAMILIES, stored_model)
        site.state.champions = self.champions


Atelier: Any = bentoml.service(
    name="atelier",
    workers=LIMITS.workers,
    threads=LIMITS.threads,
    traffic={"timeout": LIMITS.timeout_s, "max_concurrency": LIMITS.concurrency},
)(Endpoints)
Atelier.mount_asgi_app(site)
Atelier.add_asgi_middleware(BodyLimit)
site.state.openapi = lambda: complete(Atelier.openapi_spec.asdict())
