"""The same endpoint without BentoML, for comparison: one Starlette handler, as in a hand-written service."""

import json

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from atelier.service.champions import Champions, stored_model
from atelier.service.endpoints.classify_drawing import FAMILY, ClassifyDrawing, classify

champion = Champions.load(ClassifyDrawing.families, stored_model)[FAMILY]


async def classify_drawing(request: Request) -> Response:
    result = await run_in_threadpool(classify, champion, json.loads(await request.body()))
    return Response(result.model_dump_json(), media_type="application/json")


async def readyz(_: Request) -> Response:
    return PlainTextResponse("\n")


app = Starlette(routes=[Route("/classify_drawing", classify_drawing, methods=["POST"]), Route("/readyz", readyz)])
