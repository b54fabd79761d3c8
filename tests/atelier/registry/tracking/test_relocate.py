import sqlite3
from contextlib import closing

import pytest

from atelier.registry.tracking.relocate import PATH_COLUMNS, relocate


@pytest.fixture
def database(tmp_path):
    """The columns of MLflow's tables that hold paths, with artifacts in /old/mlartifacts."""
    path = tmp_path / "mlflow.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        for table, column in PATH_COLUMNS:
            name = "name text, " if table == "experiments" else ""
            connection.execute(f"create table {table} ({name}{column} text)")
            if table != "experiments":
                connection.execute(
                    f"insert into {table} values ('/old/mlartifacts/atelier/x/1'), ('/else/where'), (null)"
                )
        rows = [("Default", "/cwd/mlruns/0"), ("atelier/x", "/old/mlartifacts/atelier/x"), ("atelier/y", "/else/where")]
        connection.executemany("insert into experiments values (?, ?)", rows)
    return path


def paths(database):
    with closing(sqlite3.connect(database)) as connection:
        return {
            table: [row[0] for row in connection.execute(f"select {column} from {table}")]
            for table, column in PATH_COLUMNS
        }


def test_only_paths_below_the_old_folder_change(database, tmp_path):
    new = tmp_path / "mlartifacts"
    assert relocate(database, new)
    found = paths(database)
    assert found.pop("experiments") == ["/cwd/mlruns/0", f"{new}/atelier/x", "/else/where"]
    assert all(column == [f"{new}/atelier/x/1", "/else/where", None] for column in found.values())


def test_correct_paths_do_not_change(database, tmp_path):
    relocate(database, tmp_path / "mlartifacts")
    before = paths(database)
    assert not relocate(database, tmp_path / "mlartifacts")
    assert paths(database) == before


def test_a_file_without_tables_is_left_unchanged(tmp_path):
    sqlite3.connect(tmp_path / "mlflow.db").close()
    assert not relocate(tmp_path / "mlflow.db", tmp_path / "mlartifacts")


def test_every_column_exists_in_mlflow_s_tables(registry, tmp_path):
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as connection:
        for table, column in PATH_COLUMNS:
            assert column in [row[1] for row in connection.execute(f"pragma table_info({table})")]
