"""What the families that stylise have alike: the weights of their losses, how much style, what surrounds an image.

How much style a photo can take is asked for as a content distance, not as a weight: which weight leads there depends on
the network, the data and how far training is. So the weight follows the loss, as the multiplier of a constraint does
(Platt & Barr 1988, "Constrained differential optimization"), here by factors, so that it stays positive.
"""

import math

from pydantic import NonNegativeFloat, NonNegativeInt, PositiveFloat

from atelier.settings import Settings

LEAST, MOST = 0.25, 4.0
"""Between these the factor stays: a value that cannot be reached must not drown the other losses."""
FRAME = 16
"""Pixels mirrored around an image whose features a network reads, a multiple of the coarsest stride: a perceptual
network that pads with zeros would see a dark frame, and it would be painted."""
FARTHEST_SHIFT = 4
"""Pixels by which a picture is moved, either way, before the perceptual network sees it in training; both ways together
they make up its coarsest stride. It looks at every second pixel, and prefers pictures with a grid that fits its own:
looking from a place drawn by lot, it finds none."""


class StyleLosses(Settings):
    """Loss name → weight in the sum that is minimised."""

    content: PositiveFloat = 1.0
    style: PositiveFloat = 1.0
    variation: NonNegativeFloat = 0.0


class Holding(Settings):
    """Where the content distance is held, and from when on."""

    content: PositiveFloat
    """Content distance of the training photos. That of test photos, which are seen whole, is 0.05 to 0.1 less."""
    after: NonNegativeInt = 0
    """Epochs before that, in which the content has the weight that it was given: strokes are learned first."""
    rate: PositiveFloat = 0.01
    """How fast the weight follows: in one step, it grows by this share of what the distance is too large by."""

    def follow(self, factor: float, content: float) -> float:
        """The factor of the content's weight after a step in which the content distance was this."""
        if not math.isfinite(content):
            return factor
        return min(max(factor * math.exp(self.rate * (content - self.content)), LEAST), MOST)
