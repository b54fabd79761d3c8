from functools import partial

import pytest

from tests.helpers.search_family import make_plan, write_family


@pytest.fixture
def plan_of(tmp_path, monkeypatch):
    """Plans for studies of the fake family, whose module can be imported."""
    monkeypatch.syspath_prepend(str(tmp_path / "code"))
    write_family(tmp_path / "code")
    return partial(make_plan, tmp_path)
