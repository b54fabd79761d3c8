"""MLflow servers: a real one with a login and TLS, and a small one whose responses a test sets."""

import json
import os
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import psutil
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.helpers.serving import free_port

USER = "admin"
PASSWORD = "s3cr/t p@ss#w:rd"  # pragma: allowlist secret
QUOTED = "s3cr%2Ft%20p%40ss%23w%3Ard"
READY_WITHIN = 180
"""Seconds. Usually it takes 20, but other tests may run at the same time."""
_AUTH = """[mlflow]
default_permission = READ
database_uri = sqlite:///{folder}/auth.db
admin_username = {user}
authorization_function = mlflow.server.auth:authenticate_request_basic_auth
auth_cache_ttl_seconds = 3600
"""


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for localhost: its file, and that of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    files[1].write_bytes(key.private_bytes(encoding, form, serialization.NoEncryption()))
    return files


@contextmanager
def mlflow_server(folder: Path) -> Iterator[tuple[str, Path]]:
    """A real MLflow server below the path /mlflow that demands a login, with TLS. (host:port/path, certificate)."""
    cert, key = certificate(folder)
    (folder / "auth.ini").write_text(_AUTH.format(folder=folder, user=USER))
    port = free_port()
    command = [sys.executable, "-m", "mlflow", "server", "--app-name", "basic-auth", "--static-prefix", "/mlflow"]
    command += ["--backend-store-uri", f"sqlite:///{folder}/server.db"]
    command += ["--artifacts-destination", f"{folder}/artifacts", "--port", str(port), "--workers", "1"]
    command += ["--uvicorn-opts", f"--ssl-keyfile {key} --ssl-certfile {cert}"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")} | {
        "MLFLOW_AUTH_CONFIG_PATH": str(folder / "auth.ini"),
        "MLFLOW_AUTH_ADMIN_PASSWORD": PASSWORD,
        "MLFLOW_FLASK_SERVER_SECRET_KEY": "of a test",  # pragma: allowlist secret
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            _wait_until_ready(f"https://localhost:{port}/mlflow/health", cert, process, folder / "server.log")
            yield f"localhost:{port}/mlflow", cert
        finally:
            server = psutil.Process(process.pid)
            for each in [*server.children(recursive=True), server]:  # asked to end, it waits for idle connections
                each.kill()
            process.wait()


def _wait_until_ready(address: str, cert: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + READY_WITHIN
    while time.monotonic() < end and process.poll() is None:
        try:
            if requests.get(address, verify=str(cert), timeout=10).ok:
                return
        except requests.RequestException:
            time.sleep(0.2)
    raise AssertionError(f"The server did not become ready (exit code {process.poll()}):\n{log.read_text()}")


class SmallServer:
    """An HTTP server in a thread that gives the response that a test sets."""

    def __init__(self, certificate: tuple[Path, Path] | None = None) -> None:
        self.status = 200
        self.body = json.dumps({"experiments": []})
        self.requests: list[tuple[str, str | None]] = []
        """(path, header Authorization) of the requests."""
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                server.requests.append((self.path, self.headers.get("Authorization")))
                self.send_response(server.status)
                self.end_headers()
                self.wfile.write(server.body.encode())

            def log_message(self, *_):
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        self.place = f"localhost:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
