"""A web server for tests of downloads."""

import base64
import hashlib
import threading
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, unquote

import pytest


class FileServer:
    """A small HTTP server in a thread that supports ranges and can be set to fail."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.failures: list[int] = []
        """Status codes of the next responses."""
        self.cut_after: list[int] = []
        """Bytes after which the next responses break off."""
        self.supports_ranges = True
        self.wrong_md5 = False
        self.broken: set[str] = set()
        """Paths that get the status 403."""
        self.requested: list[str] = []
        """Requested paths, without those of HEAD requests."""
        self.ranges: list[str | None] = []
        """Range headers of the requests."""
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                server._respond(self)

            def do_HEAD(self):
                server._answer_head(self)

            def log_message(self, *_):
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()

    def add_folder(self, path: str, files: dict[str, bytes]) -> None:
        """Files with an index page, as `python -m http.server` shows one."""
        self.add_index(path, [quote(name) for name in files])
        self.files |= {f"{path}/{name}": content for name, content in files.items()}

    def add_index(self, path: str, links: Iterable[str]) -> None:
        """An index page with these links."""
        items = "".join(f'<li><a href="{link}">{link}</a></li>' for link in links)
        self.files |= {path: f"<html><ul>{items}</ul></html>".encode()}

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def _answer_head(self, request: BaseHTTPRequestHandler) -> None:
        content = self.files.get(unquote(request.path))
        request.send_response(404 if content is None else 200)
        request.send_header("Content-Length", str(len(content or b"")))
        request.send_header("ETag", f'"{hashlib.md5(content or b"").hexdigest()}"')
        request.end_headers()
        request.close_connection = True

    def _respond(self, request: BaseHTTPRequestHandler) -> None:
        range_header = request.headers.get("Range")
        path = unquote(request.path)
        self.ranges.append(range_header)
        self.requested.append(path)
        content = self.files.get(path)
        if self.failures or path in self.broken or content is None:
            request.send_error(self.failures.pop(0) if self.failures else 403 if path in self.broken else 404)
            return
        digest = hashlib.md5(b"other" if self.wrong_md5 else content).digest()
        etag = f'"{hashlib.md5(content).hexdigest()}"'
        partial = range_header and self.supports_ranges and request.headers.get("If-Range") == etag
        body = content[int(range_header.removeprefix("bytes=").removesuffix("-")) :] if partial else content
        request.send_response(206 if partial else 200)
        request.send_header("Content-Length", str(len(body)))
        request.send_header("Content-Type", "text/html" if content.startswith(b"<") else "application/octet-stream")
        request.send_header("ETag", etag)
        request.send_header("x-goog-hash", "crc32c=AAAAAA==")
        request.send_header("x-goog-hash", f"md5={base64.b64encode(digest).decode()}")
        request.end_headers()
        request.wfile.write(body[: self.cut_after.pop(0)] if self.cut_after else body)
        request.close_connection = True


@pytest.fixture(name="server")
def file_server() -> Iterator[FileServer]:
    """The fixture `server`: import it in a conftest.py."""
    server = FileServer()
    yield server
    server.close()
