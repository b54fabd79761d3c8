"""Addresses of MLflow: a sqlite file, another database, or a server. A login in an address is kept out of all else.

An address may hold a login, as in `https://<user>:<password>@host/mlflow`. As it is, it would be printed, written into
`job.json`, and sent away by `dvc push`. `login` separates the two. All of Atelier uses the address without the
login; MLflow reads the login from the environment variables that it has for it, and worker processes inherit these.
"""

import os
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from atelier.errors import BadInputError

ADDRESS = "MLFLOW_TRACKING_URI"
USER = "MLFLOW_TRACKING_USERNAME"
PASSWORD = "MLFLOW_TRACKING_PASSWORD"  # pragma: allowlist secret
"""The environment variables from which MLflow reads its address and its login."""

_DATABASES = ("postgresql", "mysql", "mssql", "oracle")
_SECRETS_IN_QUERIES = ("passw", "pwd", "secret", "token")
_UNREADABLE = (
    f"{ADDRESS} cannot be read. In a user name and a password, write / as %2F, : as %3A, @ as %40, # as %23, ? as %3F "
    f"and % as %25, or take both out of the address and set {USER} and {PASSWORD}."
)
_KINDS = "sqlite:///mlflow.db, https://mlflow.example.com, postgresql://host/database or databricks"


def login(uri: str, folder: Path | None = None) -> str:
    """The address without user and password, which are passed to MLflow in its environment variables.

    A process has one login: an address with another one replaces it. Calling it with the result changes nothing.

    Parameters
    ----------
    uri
        As in MLFLOW_TRACKING_URI.
    folder
        Where the path of a sqlite file starts; the working directory by default.

    Returns
    -------
    str
        One spelling for each place. The path of a sqlite file is relative where it is inside of the working directory.

    Raises
    ------
    BadInputError
        When it is not an address of MLflow. The message does not contain the address, as that may hold a password.
    """
    given = uri.strip()
    scheme, separator, rest = given.partition("://")
    scheme = scheme.lower()
    if scheme == "sqlite" and separator:
        return _sqlite(rest, folder or Path.cwd())
    if scheme.startswith("databricks"):
        return given
    if not separator or scheme == "file":
        raise BadInputError(f"{ADDRESS} is not the address of a server or a database: set it to {_KINDS}.")
    clean, user, password = _split(f"{scheme}://{rest}")
    if user or password:
        _set_login(user, password)
    if os.environ.get(ADDRESS, "").strip() == given:
        os.environ[ADDRESS] = clean
    return clean


def database(uri: str) -> Path | None:
    """The sqlite file of an address, absolute, or None for a server and other databases."""
    scheme, separator, path = uri.partition(":///")
    if not separator or scheme != "sqlite":
        return None
    file = Path(path.partition("?")[0]).expanduser().absolute()
    return file.parent.resolve() / file.name


def is_server(uri: str) -> bool:
    """Whether it is the address of an MLflow server."""
    return uri.startswith(("http://", "https://"))


def for_mlflow(uri: str) -> str:
    """The address as MLflow needs it. That of a database holds the login; for a server, MLflow adds it itself."""
    scheme, _, rest = uri.partition("://")
    user, password = os.environ.get(USER), os.environ.get(PASSWORD)
    if scheme.partition("+")[0] not in _DATABASES or not user or "@" in rest.partition("/")[0]:
        return uri
    secret = f":{quote(password, safe='')}" if password else ""
    return f"{scheme}://{quote(user, safe='')}{secret}@{rest}"


def _sqlite(rest: str, folder: Path) -> str:
    path, mark, query = rest.removeprefix("/").partition("?")
    if not path or path == ":memory:" or not rest.startswith("/"):
        raise BadInputError(f"{ADDRESS} names no file: write sqlite:///mlflow.db or sqlite:////folder/mlflow.db.")
    file = (folder / Path(path).expanduser()).absolute()
    file = file.parent.resolve() / file.name
    here = Path.cwd().resolve()
    spelled = file.relative_to(here) if file.is_relative_to(here) else file
    return f"sqlite:///{spelled.as_posix()}{mark}{query}"


def _split(uri: str) -> tuple[str, str, str]:
    """(address without login, user, password)."""
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        raise BadInputError(_UNREADABLE) from None  # the message of the cause holds a part of the address
    scheme, _, rest = uri.partition("://")
    tail = rest[len(parts.netloc) :]
    if "@" in tail or (is_server(uri) and (parts.query or parts.fragment)):  # a / ? or # in the password ends the host
        raise BadInputError(_UNREADABLE)
    if any(name in unquote(parts.query).lower() for name in _SECRETS_IN_QUERIES):
        raise BadInputError(
            f"{ADDRESS} has a password behind the question mark. Write it before the host, "
            f"scheme://<user>:<password>@host/database, or set {USER} and {PASSWORD}."
        )
    clean = f"{scheme}://{parts.netloc.rpartition('@')[2]}{tail.rstrip('/') if is_server(uri) else tail}"
    return clean, unquote(parts.username or ""), unquote(parts.password or "")


def _set_login(user: str, password: str) -> None:
    if not user:
        raise BadInputError(f"{ADDRESS} has a password without a user: write scheme://<user>:<password>@host.")
    if not password and not os.environ.get(PASSWORD):
        raise BadInputError(f"{ADDRESS} names a user without a password: set {PASSWORD}.")
    os.environ[USER] = user
    if password:
        os.environ[PASSWORD] = password
