"""Correct the paths of artifacts in a sqlite file after the project folder was moved, renamed or copied.

MLflow writes absolute paths into its database and has no function to change them. Without a correction, a moved project
could not open its champion, and a copied one would write into the original folder.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

PATH_COLUMNS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "storage_location"),
)
"""Every (table, column) in which MLflow 3.17 stores the path of an artifact."""


def relocate(database: Path, artifacts: Path) -> bool:
    """Replace the artifacts' old folder with `artifacts` in every path. Returns True when something changed."""
    with closing(sqlite3.connect(database, timeout=30)) as connection:
        old = _old_folder(connection, artifacts.name)
        if old is None or old == artifacts.as_posix():
            return False
        with connection:
            for table, column in PATH_COLUMNS:
                connection.execute(
                    f"update {table} set {column} = ? || substr({column}, ?) where substr({column}, 1, ?) = ?",
                    (artifacts.as_posix(), len(old) + 1, len(old) + 1, f"{old}/"),
                )
    return True


def _old_folder(connection: sqlite3.Connection, name: str) -> str | None:
    """The artifact folder of the experiments that `experiments.experiment_id` created."""
    query = "select name, artifact_location from experiments where name like 'atelier/%'"
    try:
        rows = connection.execute(query).fetchall()
    except sqlite3.OperationalError:  # MLflow has not created its tables yet
        return None
    for experiment, location in rows:
        if location.endswith(f"/{name}/{experiment}"):
            return str(location[: -len(experiment) - 1])
    return None
