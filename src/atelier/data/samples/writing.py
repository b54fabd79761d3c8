"""How sample images become files."""

import io

from PIL import Image

from atelier.data.images import Picture

VERSION = 1
"""Raise it when the same seed gives other images than before."""


def encode(picture: Picture) -> bytes:
    """A JPEG file, as cameras and museums publish them."""
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=92)
    return out.getvalue()
