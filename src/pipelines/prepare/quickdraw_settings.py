"""How Quick, Draw! drawings are checked, drawn and split."""

from pydantic import Field

from atelier.card import DrawingInput
from atelier.data.splits import Fractions
from atelier.settings import Settings


class QuickdrawPrepare(Settings):
    """How drawings become pictures, and what is done with those that cannot."""

    picture: DrawingInput = DrawingInput()
    """Size and pen; the same block travels in the model's card."""
    fractions: Fractions = Fractions()
    max_bad_fraction: float = Field(default=0.02, ge=0, le=1)
    """Share of unusable drawings above which the run stops."""
    recognized_only: bool = False
    """Leave out drawings that the game did not guess (not known for bitmaps)."""
