import hashlib

import numpy as np

from atelier.data.content_hash import content_hashes


def test_hash_is_the_digest_of_the_bytes():
    items = np.random.default_rng(0).integers(0, 256, (300, 4), dtype=np.uint8)[:, ::-1]  # not contiguous
    hashes = content_hashes(items)
    for item, item_hash in zip(items, hashes, strict=True):
        assert item_hash.tobytes() == hashlib.blake2b(item.tobytes(), digest_size=16).digest()
