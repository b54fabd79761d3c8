"""The storage of runs and versions: a sqlite file by default, or any MLflow server.

Importing MLflow takes more than a second. No module of this package imports it at the top, and a run with nothing to do
does not import it at all (see `atelier.registry.status`).
"""

import logging
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from filelock import FileLock

from atelier.errors import AtelierError
from atelier.registry.tracking.relocate import relocate

_TRAINING = {"mlflow.experimentKind": "custom_model_development"}
"""Makes MLflow's UI open the experiment with its training runs, not with its tools for language models."""
ARTIFACTS = "mlartifacts"
"""Folder beside a sqlite file with the artifacts of its runs. `mlflow ui` and `mlflow server` use the same name."""

MLFLOW_DEFAULTS = {
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",  # else every file logged has a progress bar
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
"""Environment variables that are set before MLflow is loaded, unless the user has set them."""


def database(uri: str) -> Path | None:
    """The sqlite file of a tracking URI, or None for a server."""
    scheme, separator, path = uri.partition(":///")
    return Path(path).absolute() if separator and scheme == "sqlite" else None


def connect(uri: str) -> Any:
    """An `MlflowClient` for runs and registered models at `uri`.

    A sqlite file is created on first use, which takes some seconds. If it was moved or copied with its artifacts, the
    paths in it are corrected first.

    Raises
    ------
    AtelierError
        When no server answers at `uri`.
    """
    path = database(uri)
    if path is not None and path.exists():
        relocate(path, path.parent / ARTIFACTS)
    check_answers(uri)
    for name, value in MLFLOW_DEFAULTS.items():
        os.environ.setdefault(name, value)
    from mlflow.tracking import MlflowClient

    with _quiet(), _creation_lock(path):
        return MlflowClient(tracking_uri=uri, registry_uri=uri)


def _creation_lock(path: Path | None) -> AbstractContextManager[Any]:
    """One process at a time opens a database: two that create it at once fail with "duplicate column name"."""
    if path is None:
        return nullcontext()
    path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(path.with_name(f"{path.name}.lock"))


def check_answers(uri: str) -> None:
    """Fail at once where no server answers: MLflow itself tries for minutes. A file is not looked at.

    Raises
    ------
    AtelierError
        When no server answers at `uri`.
    """
    if not uri.startswith(("http://", "https://")):
        return
    try:
        urlopen(f"{uri.rstrip('/')}/health", timeout=5).close()
    except HTTPError:  # the server answers; if it denies access, MLflow says so
        return
    except OSError as error:
        raise AtelierError(
            f"No MLflow server answers at {uri} ({error}). Start it, or change MLFLOW_TRACKING_URI; "
            "without that variable runs are kept in mlflow.db."
        ) from error


def experiment_id(client: Any, uri: str, name: str) -> str:
    """The id of the experiment with this name, which is created if needed."""
    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    path = database(uri)
    # A server chooses the location itself. For a file, MLflow's default depends on the working directory.
    location = None if path is None else (path.parent / ARTIFACTS / name).as_posix()
    return str(client.create_experiment(name, artifact_location=location, tags=_TRAINING))


@contextmanager
def tracking(uri: str) -> Iterator[None]:
    """Set MLflow's global URI within the block, for model functions that take no URI."""
    import mlflow

    before = (mlflow.get_tracking_uri(), mlflow.get_registry_uri())
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    try:
        with _quiet():
            yield
    finally:
        mlflow.set_tracking_uri(before[0])
        mlflow.set_registry_uri(before[1])


@contextmanager
def _quiet() -> Iterator[None]:
    """Hide MLflow's messages below warnings, about its database and models."""
    loggers = [logging.getLogger(name) for name in ("mlflow", "alembic")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
