"""The process that decodes images: `python -m atelier.service.http.decoder_process <file descriptor>`.

It answers requests on a connection until this is closed. What comes back is JSON and raw pixels, never pickled objects:
a decoder that a malicious image takes over can send nothing but pixels.
"""

import json
import sys
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.preprocessing.images import Rejected, decode_square
from atelier.service.http.decoding import decode_drawing, decode_photo


def main() -> None:
    """Answer requests until the connection is closed."""
    connection = Connection(int(sys.argv[1]))
    try:
        connection.send_bytes(b"ready")
        while True:
            request = json.loads(connection.recv_bytes())
            _respond(connection, request, connection.recv_bytes())
    except (EOFError, OSError):  # the service has ended
        pass


def _respond(connection: Connection, request: dict[str, Any], content: bytes) -> None:
    try:
        pixels, size = _decode(request, content)
    except Rejected as rejected:
        connection.send_bytes(json.dumps({"reason": rejected.reason, "detail": rejected.detail}).encode())
        return
    except MemoryError:
        connection.send_bytes(json.dumps({"reason": "too many pixels", "detail": ""}).encode())
        return
    connection.send_bytes(json.dumps({"shape": pixels.shape, "size": size}).encode())
    connection.send_bytes(np.ascontiguousarray(pixels).reshape(-1).data)


def _decode(request: dict[str, Any], content: bytes) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    if "max_side" in request:
        return decode_photo(content, request["max_side"], request["pixels"])
    if "square" in request:
        return decode_square(content, request["square"], request["pixels"], request["fit"])
    gray = decode_drawing(content, request["pixels"])
    return gray, (gray.shape[1], gray.shape[0])


if __name__ == "__main__":
    main()
