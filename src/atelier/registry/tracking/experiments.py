"""Experiments by name. One that was deleted in MLflow is an error before any training, as MLflow refuses to use it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from atelier.errors import AtelierError
from atelier.registry.tracking.address import database

ARTIFACTS = "mlartifacts"
"""Folder beside a sqlite file with the artifacts of its runs. `mlflow ui` and `mlflow server` use the same name."""
_TRAINING = {"mlflow.experimentKind": "custom_model_development"}
"""Makes MLflow's UI open the experiment with its training runs, not with its tools for language models."""


def experiment_id(client: Any, uri: str, name: str) -> str:
    """The id of the experiment with this name, which is created if needed.

    Raises
    ------
    AtelierError
        When the experiment was deleted.
    """
    existing = existing_id(client, uri, name)
    if existing is not None:
        return existing
    path = database(uri)
    # A server chooses the location itself. For a file, MLflow's default depends on the working directory.
    location = None if path is None else (path.parent / ARTIFACTS / name).as_posix()
    return str(client.create_experiment(name, artifact_location=location, tags=_TRAINING))


def existing_id(client: Any, uri: str, name: str) -> str | None:
    """The id of the experiment with this name; None when there is none.

    Raises
    ------
    AtelierError
        When the experiment was deleted.
    """
    found = client.get_experiment_by_name(name)
    if found is None:
        return None
    _check_active(uri, name, str(found.experiment_id), found.lifecycle_stage)
    return str(found.experiment_id)


def check_in_file(path: Path, uri: str, name: str) -> None:
    """Check the experiment in a sqlite file, without MLflow: importing that takes more than a second.

    Raises
    ------
    AtelierError
        When the experiment was deleted.
    """
    if not path.exists():
        return
    with closing(sqlite3.connect(path, timeout=30)) as connection:
        if not connection.execute("select 1 from sqlite_master where name = 'experiments'").fetchone():
            return
        query = "select experiment_id, lifecycle_stage from experiments where name = ?"
        found = connection.execute(query, (name,)).fetchone()
    if found:
        _check_active(uri, name, str(found[0]), found[1])


def _check_active(uri: str, name: str, number: str, stage: str) -> None:
    if stage != "active":
        raise AtelierError(
            f"The experiment {name} was deleted in {uri}, so nothing can be logged to it. "
            f"Restore it: MLFLOW_TRACKING_URI={uri} mlflow experiments restore -x {number}"
        )
