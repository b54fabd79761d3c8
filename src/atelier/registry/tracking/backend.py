"""Where runs and versions are kept: a sqlite file by default, or any MLflow server.

Importing MLflow takes more than a second, so no module of this package does it at import, and a run with nothing to do
(see `standing`) does not do it at all.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from atelier.errors import AtelierError
from atelier.registry.tracking.relocate import relocate

_TRAINING = {"mlflow.experimentKind": "custom_model_development"}
"""Opens the experiment in MLflow's UI with its training runs in front, not its language-model tools."""
ARTIFACTS = "mlartifacts"
"""Folder beside a sqlite file that holds what its runs have logged; `mlflow ui` and `mlflow server` read it as well."""

MLFLOW_DEFAULTS = {
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",  # one bar for every card.json otherwise
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
"""Environment variables that are set, unless the user did, before MLflow is loaded."""


def database(uri: str) -> Path | None:
    """The sqlite file of a tracking URI, or None where a server keeps the runs."""
    scheme, separator, path = uri.partition(":///")
    return Path(path).absolute() if separator and scheme == "sqlite" else None


def connect(uri: str) -> Any:
    """An `MlflowClient` whose runs and registered models both live at `uri`.

    A sqlite file is made on first use, which takes some seconds; one that was moved or copied with its artifacts is
    told its new place first.
    """
    path = database(uri)
    if path is not None and path.exists():
        relocate(path, path.parent / ARTIFACTS)
    if uri.startswith(("http://", "https://")):
        _check_answers(uri)
    for name, value in MLFLOW_DEFAULTS.items():
        os.environ.setdefault(name, value)
    from mlflow.tracking import MlflowClient

    with _quiet():
        return MlflowClient(tracking_uri=uri, registry_uri=uri)


def _check_answers(uri: str) -> None:
    """MLflow itself would try for minutes to reach a server that is not there."""
    try:
        urlopen(f"{uri.rstrip('/')}/health", timeout=5).close()
    except HTTPError:  # it is there; whether it lets us in, MLflow will say
        return
    except OSError as error:
        raise AtelierError(
            f"No MLflow server answers at {uri} ({error}). Start it, or change MLFLOW_TRACKING_URI; "
            "without that variable runs are kept in mlflow.db."
        ) from error


def experiment_id(client: Any, uri: str, name: str) -> str:
    """The experiment of that name, made when it is not there."""
    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    path = database(uri)
    # A server chooses the place itself. MLflow's own choice for a file depends on the folder it is started from.
    location = None if path is None else (path.parent / ARTIFACTS / name).as_posix()
    return str(client.create_experiment(name, artifact_location=location, tags=_TRAINING))


@contextmanager
def tracking(uri: str) -> Iterator[None]:
    """MLflow's model functions take no URI: set the process-wide one for as long as the block lasts."""
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
    """Keep MLflow's notes about its database and its models off the user's screen; warnings still show."""
    loggers = [logging.getLogger(name) for name in ("mlflow", "alembic")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
