import hashlib
from itertools import pairwise

import numpy as np
import orjson
import pytest

from atelier.data.ingest.quickdraw import read_simplified
from atelier.data.samples.doodle_categories import CATEGORIES
from atelier.data.samples.doodles import draw_lines
from atelier.preprocessing.raster import rasterize


def test_at_least_ten_categories():
    assert len(CATEGORIES) >= 10


@pytest.mark.parametrize("word", CATEGORIES)
def test_lines_are_in_the_published_format(tmp_path, word):
    path = tmp_path / f"{word}.ndjson"
    path.write_bytes(b"".join(draw_lines(word, 60, seed=3)))
    batch, *_ = read_simplified(path, word)
    assert len(batch.items) == 60
    assert not batch.problems
    for line in path.read_bytes().splitlines():
        entry = orjson.loads(line)
        assert list(entry) == ["word", "countrycode", "timestamp", "recognized", "key_id", "drawing"]
        points = np.concatenate(entry["drawing"], axis=1)
        assert points.dtype.kind == "i"
        assert points.min() == 0
        assert points.max() == 255


def test_the_seed_determines_every_byte():
    one, same, other = (b"".join(draw_lines("clock", 700, seed)) for seed in (1, 1, 2))
    assert hashlib.sha256(one).digest() == hashlib.sha256(same).digest()
    assert one != other


def test_fewer_are_the_first_of_more():
    few, many = list(draw_lines("tent", 10, 1)), list(draw_lines("tent", 600, 1))
    assert many[:10] == few
    assert len(many) == 600


def test_drawings_differ_from_each_other_and_some_are_not_recognised():
    entries = [orjson.loads(line) for line in draw_lines("sun", 500, 1)]
    images = rasterize([entry["drawing"] for entry in entries])
    assert len({image.tobytes() for image in images}) == 500
    assert 0.005 < np.mean([not entry["recognized"] for entry in entries]) < 0.15
    assert len({len(entry["drawing"]) for entry in entries}) > 2
    assert all(a["key_id"] != b["key_id"] for a, b in pairwise(entries))
