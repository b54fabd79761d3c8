"""How images are checked, cropped and split."""

from pydantic import Field

from atelier.data.ingest import Checks
from atelier.data.splits import Fractions
from atelier.settings import Settings


class ImagesPrepare(Settings):
    """How files become pictures of one size, and what is done with those that cannot."""

    size: int = Field(default=256, ge=16, le=1024)
    """Pixels a side: the largest square in the middle, resized."""
    checks: Checks = Checks()
    """What makes a file unusable."""
    look_alike_bits: int = Field(default=40, ge=0, le=127)
    """Of 256: pictures whose perceptual hashes differ in no more bits are taken for the same; see `lookalikes`."""
    fractions: Fractions = Fractions()
    max_bad_fraction: float = Field(default=0.05, ge=0, le=1)
    """Share of unusable files above which the run stops."""
    workers: int | None = Field(default=None, ge=1)
    """Processes that decode; None: one a core. Changes nothing else."""
