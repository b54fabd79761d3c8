"""Whether an MLflow server answers and accepts the login, and messages about the errors of a server."""

import os
import re
from typing import Any

from atelier.errors import AtelierError
from atelier.registry.tracking.address import ADDRESS, PASSWORD, USER, is_server

MLFLOW_DEFAULTS = {
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",  # else every file logged has a progress bar
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
"""Environment variables that are set before MLflow is loaded, unless the user has set them."""

_TIMEOUT_S = 5
_LOGIN = (
    f"Set {USER} and {PASSWORD}, or MLFLOW_TRACKING_TOKEN; user and password may also stand in the address: "
    "https://<user>:<password>@host"
)
_CERTIFICATE = (
    "Set MLFLOW_TRACKING_SERVER_CERT_PATH to the file with the certificate of its authority, or, only in a network "
    "that you trust, MLFLOW_TRACKING_INSECURE_TLS=true"
)


def set_defaults() -> None:
    """Set `MLFLOW_DEFAULTS`; call it before MLflow is imported."""
    for name, value in MLFLOW_DEFAULTS.items():
        os.environ.setdefault(name, value)


def check_answers(uri: str) -> None:
    """Fail at once where no server answers: MLflow itself tries for minutes. Databases are not looked at.

    The request is one that needs a login where the server demands one, and MLflow sends it: with its login, token,
    certificates and path.

    Raises
    ------
    AtelierError
        When no server answers at `uri`, it refuses the login, its certificate is not trusted, or it is not MLflow.
    """
    if not is_server(uri):
        return
    set_defaults()
    from mlflow.exceptions import MlflowException
    from mlflow.utils.credentials import get_default_host_creds
    from mlflow.utils.rest_utils import http_request

    endpoint, query = "/api/2.0/mlflow/experiments/search", {"max_results": 1}
    once = {"timeout": _TIMEOUT_S, "max_retries": 0, "raise_on_status": False}
    try:
        response = http_request(get_default_host_creds(uri), endpoint, "POST", json=query, **once)
    except MlflowException as error:
        raise AtelierError(_connection_failed(uri, error)) from error
    problem = _problem(response)
    if problem:
        raise AtelierError(f"{uri} {problem}")


def explain(error: BaseException) -> str | None:
    """A sentence about an error of MLflow in the middle of a run, where the user can act; None for other errors."""
    if not type(error).__module__.startswith("mlflow.") or not hasattr(error, "message"):
        return None
    message = str(error.message)
    if "API request to" in message and ("failed with exception" in message or "timeout" in message):
        return f"The MLflow server stopped answering ({_reason(error)}). Run the same command again when it answers."
    if "error code 401" in message or getattr(error, "error_code", "") == "UNAUTHENTICATED":
        return f"The MLflow server refused the login. {_LOGIN}."
    if "error code 403" in message or getattr(error, "error_code", "") == "PERMISSION_DENIED":
        return f"The MLflow server does not allow this to the user of the login ({message}). {_PERMISSION}."
    return None


_PERMISSION = "Ask its administrator for the permission EDIT, or log in as another user"


def _problem(response: Any) -> str | None:
    """What is wrong with a server's response, as a clause that its address can precede."""
    if response.status_code == 401:
        return f"demands a login, or refuses the one that is set (HTTP 401). {_LOGIN}."
    if response.status_code == 403:
        return f"does not allow its use to the user of the login (HTTP 403). {_PERMISSION}."
    if response.status_code >= 500:
        return f"answers with an error (HTTP {response.status_code} {response.reason}). Try again later."
    try:
        known = response.status_code == 200 and isinstance(response.json(), dict)
    except ValueError:
        known = False
    wrong = f"answers, but not as an MLflow server (HTTP {response.status_code}). Is a path missing in {ADDRESS}?"
    return None if known else wrong


def _connection_failed(uri: str, error: BaseException) -> str:
    from requests.exceptions import SSLError

    if isinstance(error.__context__, SSLError):
        return f"The certificate of {uri} is not trusted ({_reason(error)}). {_CERTIFICATE}."
    return (
        f"No MLflow server answers at {uri} ({_reason(error)}). Start it, or change {ADDRESS}; "
        "without that variable runs are kept in mlflow.db."
    )


def _reason(error: BaseException) -> str:
    """What failed in a connection, without what the message repeats: host, port and path."""
    cause: Any = error.__cause__ or error.__context__ or error
    inner = cause.args[0] if cause.args else cause
    return re.sub(r"^HTTPS?Connection\w*\(.*?\): ", "", str(getattr(inner, "reason", inner)))
