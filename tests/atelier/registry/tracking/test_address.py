from pathlib import Path

import pytest

from atelier.errors import BadInputError
from atelier.registry.models import Registry
from atelier.registry.tracking.address import ADDRESS, PASSWORD, USER, database, for_mlflow, login
from tests.helpers.logins import no_login as no_login

SECRET = "s3cr/t p@ss#w:rd"  # pragma: allowlist secret
QUOTED = "s3cr%2Ft%20p%40ss%23w%3Ard"


@pytest.mark.parametrize(
    ("uri", "clean"),
    [
        (f"https://ann:{QUOTED}@host", "https://host"),
        (f"HTTPS://ann:{QUOTED}@host", "https://host"),
        (f"https://ann:{QUOTED}@host:8443/mlflow/", "https://host:8443/mlflow"),
        (f"http://ann:{QUOTED}@[::1]:5000", "http://[::1]:5000"),
        (f"postgresql://ann:{QUOTED}@host:5432/runs?sslmode=require", "postgresql://host:5432/runs?sslmode=require"),
        (f"mysql+pymysql://ann:{QUOTED}@host/runs", "mysql+pymysql://host/runs"),
        (f"postgresql://ann:{QUOTED}@/runs", "postgresql:///runs"),
    ],
)
def test_a_login_is_only_in_mlflow_s_variables(environment, uri, clean):
    environment[ADDRESS] = uri
    assert login(uri) == clean
    assert (environment[USER], environment[PASSWORD], environment[ADDRESS]) == ("ann", SECRET, clean)
    assert login(clean) == clean
    assert environment[PASSWORD] == SECRET
    assert Registry(uri).uri == clean


def test_the_address_of_a_database_gets_the_login_back_for_mlflow(environment):
    uri = f"postgresql+psycopg2://ann:{QUOTED}@host/runs"
    assert for_mlflow(login(uri)) == uri
    assert for_mlflow(uri) == uri
    assert for_mlflow("https://host") == "https://host"
    assert for_mlflow("sqlite:///mlflow.db") == "sqlite:///mlflow.db"


@pytest.mark.parametrize("uri", ["https://host/mlflow", "postgresql://host/runs", "databricks", "databricks://profile"])
def test_an_address_without_a_login_leaves_the_variables_unchanged(environment, uri):
    environment[USER], environment[PASSWORD] = "bob", "of the environment"  # pragma: allowlist secret
    assert login(uri) == uri
    assert (environment[USER], environment[PASSWORD]) == ("bob", "of the environment")


def test_a_user_alone_takes_the_password_of_the_environment(environment):
    with pytest.raises(BadInputError, match=f"set {PASSWORD}"):
        login("https://ann@host")
    assert USER not in environment
    environment[PASSWORD] = SECRET
    assert login("https://ann@host") == "https://host"
    assert (environment[USER], environment[PASSWORD]) == ("ann", SECRET)


@pytest.mark.parametrize(
    "uri",
    [
        "https://ann:s3c/ret@host",
        "https://ann:12/s3cret@host",
        "https://ann:12#s3cret@host",
        "https://ann:12?s3cret@host",
        "https://ann:[s3cret@host",
        "https://host/?token=s3cret",
        "https://:s3cret@host",
        "postgresql://ann:s3c/ret@host/runs",
        "postgresql://host/runs?user=ann&password=s3cret",
        "mssql+pyodbc:///?odbc_connect=UID%3Dann%3BPWD%3Ds3cret",
    ],
)
def test_what_cannot_be_taken_apart_is_refused_without_repeating_it(environment, uri):
    with pytest.raises(BadInputError) as caught:
        login(uri)
    assert "s3c" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert PASSWORD not in environment


@pytest.mark.parametrize(
    "uri", ["mlruns", "~/store", "file:///tmp/runs", "sqlite://", "sqlite:///", "sqlite:///:memory:"]
)
def test_other_places_are_refused_with_those_that_work(uri):
    with pytest.raises(BadInputError, match=r"sqlite:///mlflow\.db"):
        login(uri)


def test_every_spelling_of_a_file_is_one_place(tmp_path, monkeypatch):
    (tmp_path / "project" / "notebooks").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path / "project")
    file = tmp_path / "project" / "mlflow.db"
    spellings = [
        "sqlite:///mlflow.db",
        "sqlite:///./notebooks/../mlflow.db",
        f"sqlite:///{file}",
        "sqlite:///~/project/mlflow.db",
    ]
    assert {login(uri) for uri in spellings} == {"sqlite:///mlflow.db"}
    assert {database(login(uri)) for uri in spellings} == {file}
    assert login("sqlite:///~/other/mlflow.db") == f"sqlite:///{tmp_path}/other/mlflow.db"
    assert login("sqlite:///mlflow.db?timeout=60") == "sqlite:///mlflow.db?timeout=60"
    assert database("sqlite:///mlflow.db?timeout=60") == file


def test_the_path_starts_in_the_project_from_its_subfolder_too(tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert database(login("sqlite:///mlflow.db", tmp_path)) == tmp_path / "mlflow.db"


def test_a_link_to_the_folder_is_the_same_place(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert database(f"sqlite:///{tmp_path}/link/mlflow.db") == Path(tmp_path / "real" / "mlflow.db")


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("sqlite:///mlflow.db", Path.cwd() / "mlflow.db"),
        ("sqlite:////tmp/x/mlflow.db", Path("/tmp/x/mlflow.db")),
        ("http://localhost:5000", None),
        ("postgresql://user@host/db", None),
    ],
)
def test_only_a_sqlite_uri_is_a_file(uri, name):
    assert database(uri) == name
