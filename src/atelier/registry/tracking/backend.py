"""The storage of runs and versions: a sqlite file by default, or any MLflow server.

Importing MLflow takes more than a second. No module of this package imports it at the top, and a run with nothing to do
does not import it at all (see `atelier.registry.status`).
"""

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from filelock import FileLock

from atelier.errors import AtelierError
from atelier.registry.tracking.access import check_answers, set_defaults
from atelier.registry.tracking.address import database, for_mlflow, login
from atelier.registry.tracking.experiments import ARTIFACTS, check_in_file, existing_id
from atelier.registry.tracking.relocate import relocate


def connect(uri: str) -> Any:
    """An `MlflowClient` for runs and registered models at `uri`.

    A sqlite file is created on first use, which takes some seconds. If it was moved or copied with its artifacts, the
    paths in it are corrected first.

    Raises
    ------
    AtelierError
        When no server answers at `uri`, it refuses the login, or the driver of a database is not installed.
    """
    uri = login(uri)
    path = database(uri)
    if path is not None and path.exists():
        relocate(path, path.parent / ARTIFACTS)
    check_answers(uri)
    set_defaults()
    from mlflow.tracking import MlflowClient

    with _quiet(), _creation_lock(path):
        try:
            return MlflowClient(tracking_uri=for_mlflow(uri), registry_uri=for_mlflow(uri))
        except ModuleNotFoundError as error:
            raise AtelierError(
                f"{uri} needs a driver: install the Python package {error.name}, or write another one into the "
                "address, as in postgresql+psycopg2://"
            ) from error


def check(uri: str, experiment: str) -> None:
    """Fail before a training if its results could not be logged. MLflow is not imported for a sqlite file.

    Raises
    ------
    AtelierError
        When no server answers at `uri`, it refuses the login, or the experiment was deleted.
    """
    path = database(uri)
    if path is None:
        existing_id(connect(uri), uri, experiment)
    else:
        check_in_file(path, uri, experiment)


def _creation_lock(path: Path | None) -> AbstractContextManager[Any]:
    """One process at a time opens a database: two that create it at once fail with "duplicate column name"."""
    if path is None:
        return nullcontext()
    path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(path.with_name(f"{path.name}.lock"))


@contextmanager
def tracking(uri: str) -> Iterator[None]:
    """Set MLflow's global URI within the block, for model functions that take no URI."""
    import mlflow

    before = (mlflow.get_tracking_uri(), mlflow.get_registry_uri())
    mlflow.set_tracking_uri(for_mlflow(uri))
    mlflow.set_registry_uri(for_mlflow(uri))
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
