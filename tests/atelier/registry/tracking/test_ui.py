import os
import sys

import pytest

from atelier.registry.tracking import ui
from tests.helpers.logins import no_login as no_login


@pytest.fixture
def started(environment, monkeypatch):
    """(command, database) that would have been started."""
    commands = []
    monkeypatch.setattr(
        os, "execv", lambda _, command: commands.append((command, os.environ["MLFLOW_BACKEND_STORE_URI"]))
    )
    monkeypatch.setattr(sys, "argv", ["ui", "--port", "5001"])
    return commands


@pytest.mark.parametrize("place", ["https://host/mlflow", "databricks"])
def test_a_server_has_its_own_page(environment, started, capsys, place):
    environment["MLFLOW_TRACKING_URI"] = place.replace("://", "://ann:s3cret@")
    ui.main()
    assert started == []
    printed = capsys.readouterr().out
    assert f"Open its own page: {place}" in printed
    assert "s3cret" not in printed


@pytest.mark.parametrize(
    ("address", "store"),
    [
        (None, "sqlite:///mlflow.db"),
        ("", "sqlite:///mlflow.db"),
        ("sqlite:////folder/mlflow.db", "sqlite:////folder/mlflow.db"),
        ("postgresql://ann:s3cret@host/runs", "postgresql://ann:s3cret@host/runs"),  # pragma: allowlist secret
    ],
)
def test_a_database_is_shown_by_mlflow_ui(environment, started, address, store):
    if address is not None:
        environment["MLFLOW_TRACKING_URI"] = address
    ui.main()
    [(command, database)] = started
    assert database == store
    assert command[1:] == ["-m", "mlflow", "ui", "--workers", "1", "--port", "5001"]


def test_a_wrong_address_is_a_sentence(environment, started):
    environment["MLFLOW_TRACKING_URI"] = "mlruns"
    with pytest.raises(SystemExit, match="error: MLFLOW_TRACKING_URI is not the address"):
        ui.main()
