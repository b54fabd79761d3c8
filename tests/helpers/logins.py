"""Tests that set MLflow's login: the process's environment is as before when they end."""

import os
from collections.abc import Iterator
from unittest.mock import patch

import pytest

NAMES = ("USERNAME", "PASSWORD", "TOKEN", "URI", "INSECURE_TLS", "SERVER_CERT_PATH", "CLIENT_CERT_PATH")


@pytest.fixture(name="environment")
def no_login() -> Iterator[os._Environ[str]]:
    """The fixture `environment`: the environment variables, without MLflow's. Import it where it is used."""
    with patch.dict(os.environ):
        for name in NAMES:
            os.environ.pop(f"MLFLOW_TRACKING_{name}", None)
        yield os.environ
