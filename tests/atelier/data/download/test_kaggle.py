import sys
from types import ModuleType, SimpleNamespace

import pytest

from atelier.data.download.kaggle import download
from atelier.errors import BadInputError


class KaggleApiHTTPError(Exception):
    def __init__(self, message, status):
        super().__init__(message)
        self.response = SimpleNamespace(status_code=status)


class UnauthenticatedError(Exception):
    pass


@pytest.fixture
def kaggle(monkeypatch, tmp_path):
    """A fake kagglehub that returns a folder, or raises its attribute `error`."""
    fake = ModuleType("kagglehub")
    fake.error = None

    def dataset_download(handle):
        if fake.error:
            raise fake.error
        return str(tmp_path / handle)

    fake.dataset_download = dataset_download
    monkeypatch.setitem(sys.modules, "kagglehub", fake)
    return fake


def test_a_data_set_is_a_folder(kaggle, tmp_path):
    assert download("owner/name") == tmp_path / "owner" / "name"


@pytest.mark.parametrize(
    "error",
    [
        KaggleApiHTTPError("403 Client Error.\n\nYou don't have permission", 403),
        UnauthenticatedError("not authenticated"),
    ],
)
def test_the_error_of_missing_credentials_says_where_to_put_them(kaggle, error):
    kaggle.error = error
    with pytest.raises(BadInputError, match=r"owner/name: .*KAGGLE_API_TOKEN.*kaggle\.json.*mirror"):
        download("owner/name")


def test_other_failures_are_not_blamed_on_credentials(kaggle):
    kaggle.error = ConnectionError("name resolution failed")
    with pytest.raises(BadInputError, match="name resolution failed") as raised:
        download("owner/name")
    assert "KAGGLE" not in str(raised.value)


def test_without_kagglehub_the_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    with pytest.raises(BadInputError, match="pip install kagglehub"):
        download("owner/name")
