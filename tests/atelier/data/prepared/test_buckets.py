from itertools import pairwise

import numpy as np
import pytest

from atelier.data.content_hash import content_hashes
from atelier.data.prepared.buckets import BUCKET_BYTES, MAX_BUCKETS, Buckets

ITEMS = np.random.default_rng(0).integers(0, 256, (300, 4), dtype=np.uint8)


@pytest.mark.parametrize(
    ("expected_bytes", "count"), [(0, 1), (1, 1), (BUCKET_BYTES * 3, 4), (BUCKET_BYTES << 20, MAX_BUCKETS)]
)
def test_buckets_hold_all_items_in_the_order_of_their_hashes(tmp_path, expected_bytes, count):
    buckets = Buckets(tmp_path, (4,), expected_bytes)
    for label, half in enumerate((ITEMS[:100], ITEMS[100:])):
        buckets.add(half, label, 7, range(1, len(half) + 1), {})
    assert len(list(tmp_path.iterdir())) == count
    drained = list(buckets.drain())
    assert not list(tmp_path.iterdir())
    ends = [(bucket["hash"][:, 0].min(), bucket["hash"][:, 0].max()) for bucket in drained if len(bucket)]
    assert all(before[1] <= after[0] for before, after in pairwise(ends))
    records = np.concatenate(drained)
    np.testing.assert_array_equal(np.unique(records["item"], axis=0), np.unique(ITEMS, axis=0))
    np.testing.assert_array_equal(records["hash"], content_hashes(records["item"]))
    assert np.bincount(records["label"]).tolist() == [100, 200]
    assert set(records["file"]) == {7}
