from functools import partial

import pytest

from tests.helpers.search_family import make_spec, write_family


@pytest.fixture
def make_study_spec(tmp_path, monkeypatch):
    """Makes specifications of studies of the fake family, whose module can be imported."""
    monkeypatch.syspath_prepend(str(tmp_path / "code"))
    write_family(tmp_path / "code")
    return partial(make_spec, tmp_path)
