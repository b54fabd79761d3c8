import hashlib
from itertools import pairwise

import numpy as np
import pytest

from atelier.data.prepared.buckets import BUCKET_BYTES, MOST_BUCKETS, Spill, content_hashes

ITEMS = np.random.default_rng(0).integers(0, 256, (300, 4), dtype=np.uint8)


def test_hash_is_the_digest_of_the_bytes():
    hashes = content_hashes(ITEMS[:, ::-1])  # not contiguous
    for item, found in zip(ITEMS[:, ::-1], hashes, strict=True):
        assert found.tobytes() == hashlib.blake2b(item.tobytes(), digest_size=16).digest()


@pytest.mark.parametrize(
    ("expected_bytes", "buckets"), [(0, 1), (1, 1), (BUCKET_BYTES * 3, 4), (BUCKET_BYTES << 20, MOST_BUCKETS)]
)
def test_buckets_hold_everything_in_rising_order(tmp_path, expected_bytes, buckets):
    spill = Spill(tmp_path, (4,), expected_bytes)
    for label, half in enumerate((ITEMS[:100], ITEMS[100:])):
        spill.add(half, label, 7, range(1, len(half) + 1), {})
    assert len(list(tmp_path.iterdir())) == buckets
    found = list(spill.buckets())
    assert not list(tmp_path.iterdir())
    ends = [(bucket["hash"][:, 0].min(), bucket["hash"][:, 0].max()) for bucket in found if len(bucket)]
    assert all(before[1] <= after[0] for before, after in pairwise(ends))
    records = np.concatenate(found)
    np.testing.assert_array_equal(np.unique(records["item"], axis=0), np.unique(ITEMS, axis=0))
    np.testing.assert_array_equal(records["hash"], content_hashes(records["item"]))
    assert np.bincount(records["label"]).tolist() == [100, 200]
    assert set(records["file"]) == {7}
