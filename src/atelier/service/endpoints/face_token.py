"""Tokens: the latents of a face as a client keeps them, so that an edit need not encode the face again.

A token is the hash of the model (8 bytes) and the latents as float16, in URL-safe base64. The service stores nothing,
and an edit never changes a token.
"""

import base64
import binascii
import hashlib
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atelier.errors import BadInputError
from atelier.service.champions import Champion

HASH_BYTES = 8
LATENT_PARTS = ("encoder", "decoder")
"""The parts that decide what latents mean."""
AGAIN = "Send the image to /encode_face again."

Latents = NDArray[np.float32]
"""(layers, width)."""


def write_token(champion: Champion, latents: Latents) -> str:
    """The token of the latents of one face."""
    content = model_hash(champion) + latents.astype("<f2").tobytes()
    return base64.urlsafe_b64encode(content).decode()


def read_token(champion: Champion, token: str, shape: tuple[int, ...]) -> Latents:
    """The latents of a token, (layers, width), rounded to float16.

    Raises
    ------
    BadInputError
        If it is not a token, or one of another model, or its latents are of another size or not finite.
    """
    try:
        content = base64.b64decode(token, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadInputError(f"The token is not one that /encode_face made. {AGAIN}") from None
    if content[:HASH_BYTES] != model_hash(champion):
        raise BadInputError(f"The token is of another model than {_named(champion)}. {AGAIN}")
    if len(content) != HASH_BYTES + 2 * int(np.prod(shape)):
        raise BadInputError(f"The token is too long or cut off. {AGAIN}")
    latents = np.frombuffer(content, "<f2", offset=HASH_BYTES).astype(np.float32).reshape(shape)
    if not np.isfinite(latents).all():
        raise BadInputError(f"The token has numbers that are not finite. {AGAIN}")
    return latents


def model_hash(champion: Champion) -> bytes:
    """Identifies the files that make latents of faces, and faces of latents."""
    return _hash_of_files(tuple(Path(str(champion.parts[part].source)) for part in LATENT_PARTS))


@lru_cache(maxsize=4)
def _hash_of_files(paths: tuple[Path, ...]) -> bytes:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.digest()[:HASH_BYTES]


def _named(champion: Champion) -> str:
    return f"version {champion.card.version} of {champion.card.family}, which is served here"
