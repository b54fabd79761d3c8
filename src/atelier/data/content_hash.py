"""Hashes of contents: the identity of items in splits and shards, and the search for duplicates."""

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
"""128-bit hashes as (n, 2) big-endian uint64, which sort as their bytes do."""


def digest_of(content: bytes | memoryview) -> bytes:
    """BLAKE2b of some bytes: 16 bytes. `b2sum -l 128 <file>` prints the same in hexadecimal."""
    return hashlib.blake2b(content, digest_size=16).digest()


def as_hashes(digests: Iterable[bytes]) -> Hashes:
    """Digests of 16 bytes → uint64 (n, 2)."""
    return np.frombuffer(b"".join(digests), ">u8").reshape(-1, 2)


def content_hashes(items: NDArray[np.uint8]) -> Hashes:
    """Hash of each item's bytes: (n, …) → uint64 (n, 2)."""
    return as_hashes(digest_of(item.data) for item in np.ascontiguousarray(items))
