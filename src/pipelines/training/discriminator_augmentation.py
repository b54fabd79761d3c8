"""Parameters of DiffAugment, which GANs of both frameworks share. This module imports no training framework."""

from typing import Annotated

from pydantic import Field, NonNegativeFloat

from atelier.settings import Settings

Fraction = Annotated[float, Field(ge=0, lt=1)]


class AugmentationSettings(Settings):
    """DiffAugment (Zhao et al. 2020, arXiv:2006.10738) of everything that a discriminator sees."""

    color: NonNegativeFloat
    """Largest change of brightness, in units of 255; saturation and contrast change by a factor of up to 1 ± twice
    this number."""
    translation: Fraction
    """Largest shift, as a fraction of the side."""
    cutout: Fraction
    """Side of a square that is painted gray, as a fraction of the side. 0: none."""
