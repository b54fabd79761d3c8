import shutil

import numpy as np
import pytest

from atelier.data.ingest.redraw import drawn_as
from atelier.errors import BadInputError
from atelier.preprocessing.spec import DrawingInput
from pipelines.fetch.quickdraw import fetch
from pipelines.prepare.quickdraw import prepare
from tests.helpers.data_settings import quickdraw_fetch, quickdraw_prepare

SMALL = DrawingInput(size=20, line_diameter=30.0)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Raw drawings, the data that were prepared from them, and the same drawings prepared as `SMALL`."""
    folder = tmp_path_factory.mktemp("drawings")
    raw = fetch(folder / "raw", quickdraw_fetch(source="sample", categories=("sun", "clock"), items_per_category=60))
    data = prepare(raw, folder / "prepared", folder / "reports", quickdraw_prepare())
    small = prepare(raw, folder / "small", folder / "reports", quickdraw_prepare(bitmap=SMALL.model_dump()))
    return raw, data, small


@pytest.mark.parametrize("splits", [("test",), ("train", "test")])
def test_the_same_items_are_drawn_as_if_they_had_been_prepared_so(prepared, tmp_path, splits):
    raw, data, small = prepared
    drawn = drawn_as(SMALL, data, raw, splits, tmp_path)
    assert drawn.manifest.preprocessing == SMALL
    for split in splits:
        ours, theirs = drawn.split(split), small.split(split)
        assert ours.keys() == theirs.keys()
        for field in ours:
            np.testing.assert_array_equal(ours[field][:], theirs[field][:])


def test_drawings_that_are_no_longer_in_the_raw_folder_are_counted(prepared, tmp_path):
    _, data, _ = prepared
    fewer = quickdraw_fetch(source="sample", categories=("sun", "clock"), items_per_category=30)
    with pytest.raises(BadInputError, match=r"lacks \d+ drawings of the test split\. Prepare the data again"):
        drawn_as(SMALL, data, fetch(tmp_path / "raw", fewer), ("test",), tmp_path)


def test_a_damaged_raw_file_is_named(prepared, tmp_path):
    raw, data, _ = prepared
    copy = shutil.copytree(raw, tmp_path / "raw")
    (copy / "sun.ndjson").write_text("")
    with pytest.raises(BadInputError, match=r"sun\.ndjson"):
        drawn_as(SMALL, data, copy, ("test",), tmp_path)
