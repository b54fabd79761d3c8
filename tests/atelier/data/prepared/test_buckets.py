from itertools import pairwise

import numpy as np
import psutil
import pytest

from atelier.data.content_hash import content_hashes
from atelier.data.prepared.buckets import BUCKET_BYTES, MAX_BUCKETS, Buckets, record_type

ITEMS = np.random.default_rng(0).integers(0, 256, (300, 4), dtype=np.uint8)


def _records(items, label):
    records = np.zeros(len(items), record_type((4,), {}))
    records["content"], records["identity"] = content_hashes(items), content_hashes(items[:, ::-1])
    records["item"], records["label"], records["file"] = items, label, 7
    return records


@pytest.mark.parametrize(
    ("expected_bytes", "count"), [(0, 1), (1, 1), (BUCKET_BYTES * 3, 4), (BUCKET_BYTES << 20, MAX_BUCKETS)]
)
@pytest.mark.parametrize("key", ["identity", "content"])
def test_buckets_hold_all_items_in_the_order_of_their_hashes(tmp_path, expected_bytes, count, key):
    buckets = Buckets(tmp_path / "buckets", record_type((4,), {}), key, expected_bytes)
    for label, half in enumerate((ITEMS[:100], ITEMS[100:])):
        buckets.add(_records(half, label))
    drained = list(buckets.drain())
    assert len(drained) == count
    assert not list(tmp_path.iterdir())
    ends = [(bucket[key][:, 0].min(), bucket[key][:, 0].max()) for bucket in drained if len(bucket)]
    assert all(before[1] <= after[0] for before, after in pairwise(ends))
    records = np.concatenate(drained)
    np.testing.assert_array_equal(np.unique(records["item"], axis=0), np.unique(ITEMS, axis=0))
    np.testing.assert_array_equal(records["content"], content_hashes(records["item"]))
    assert np.bincount(records["label"]).tolist() == [100, 200]
    assert set(records["file"]) == {7}


def test_no_file_stays_open(tmp_path):
    buckets = Buckets(tmp_path / "buckets", record_type((4,), {}), "content", BUCKET_BYTES * 200)
    before = len(psutil.Process().open_files())
    for _ in range(200):
        buckets.add(_records(ITEMS, 0))
    assert len(psutil.Process().open_files()) == before
    assert sum(len(bucket) for bucket in buckets.drain()) == 200 * len(ITEMS)
