"""Responses that a client keeps and asks for again (RFC 9110, section 13)."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from atelier.service.http.errors import RETRY


def json_response(
    request: Request, content: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """JSON with an ETag, or a 304 without a body if the client has the same content already.

    The ETag is a weak one: compressed and uncompressed responses have the same.
    """
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:16]}"'
    known = {each.strip() for each in request.headers.get("if-none-match", "").split(",")}
    if status == 200 and known & {tag, tag.removeprefix("W/"), "*"}:
        return Response(status_code=304, headers={"ETag": tag})
    return Response(body, status, {**(headers or {}), "ETag": tag}, media_type="application/json")


def listing_response(request: Request, found: BaseModel, ready: bool) -> Response:
    """What a champion can be asked for, or a 503 with the reason if there is none."""
    content = found.model_dump(mode="json", exclude_unset=True)
    return json_response(request, content) if ready else json_response(request, content, 503, RETRY)
