"""Limits on what one request may cost."""

import os

from atelier.settings import Settings


class Limits(Settings):
    """Upper bounds. They are large enough for people and small enough for the server.

    Each can be set by an environment variable: `ATELIER_TIMEOUT_S=60 ATELIER_WORKERS=2 bentoml serve`.
    """

    workers: int = 1
    """Number of processes. Each loads every champion, and has the threads and queues below."""
    light_threads: int = 1
    """Number of cheap requests that are computed at the same time, such as the classification of strokes."""
    medium_threads: int = 1
    """Number of requests with an image to classify that are computed at the same time."""
    heavy_threads: int = 1
    """Number of expensive requests that are computed at the same time, such as the stylization of a photo. Each uses
    one core."""
    light_waiting: int = 64
    """Number of cheap requests that may wait. Further ones get a 429."""
    medium_waiting: int = 64
    """Number of requests with an image to classify that may wait. Further ones get a 429."""
    heavy_waiting: int = 8
    """Number of expensive requests that may wait. Further ones get a 429."""
    timeout_s: float = 20
    """Maximum time in seconds for a request to wait and compute, once its body is in. After it, the response is 504."""

    body_bytes: int = 10 * 2**20
    """Maximum size of a body. Larger bodies get a 413, chunked ones as soon as they exceed the limit."""
    head_s: float = 10
    """Maximum time in seconds in which the headers must arrive. After it, the connection is closed."""
    body_s: float = 20
    """Maximum time in seconds in which a body must arrive. After it, the response is 408."""
    all_bodies_bytes: int = 200 * 2**20
    """Maximum size of all bodies together that a worker holds at one time. Further ones get a 429."""

    pixels: int = 40_000_000
    """Maximum width times height of a photo, checked before the image is decoded."""
    drawing_pixels: int = 24_000_000
    """The same of an image of a drawing."""
    decode_s: float = 10
    """Maximum time in seconds for decoding an image. After it, the decoder is killed."""
    strokes: int = 500
    """Maximum number of strokes of a drawing. Drawings in Quick Draw have fewer than 200."""
    points: int = 10_000
    """Maximum number of points of a drawing, over all its strokes."""
    drawings: int = 64
    """Maximum number of drawings that are generated for one request."""
    photo: int = 1024
    """Maximum length of a photo's long side in pixels. Larger photos are scaled down before they are stylized."""
    style: int = 512
    """Maximum length of a style image's long side in pixels. Larger ones are scaled down first."""
    style_cache_bytes: int = 2**20
    """Memory for the statistics of style images. Those of one image take a few kilobytes."""

    @classmethod
    def from_environment(cls) -> "Limits":
        """The limits, some of them set by variables such as `ATELIER_TIMEOUT_S`."""
        names = {name: f"ATELIER_{name.upper()}" for name in cls.model_fields}
        return cls(**{name: os.environ[key] for name, key in names.items() if key in os.environ})


LIMITS = Limits.from_environment()
