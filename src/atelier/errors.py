"""Errors whose message tells the reader what to change."""

from collections.abc import Iterable
from difflib import get_close_matches


class AtelierError(Exception):
    """Base of all errors that Atelier raises intentionally; shown without a traceback."""


class BadInputError(AtelierError):
    """Input of a user or a data file is not usable; the message says why, and what would work."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Known names close to an unknown one, as `a or b`; all known names where none is close."""
    known = sorted(known)
    return " or ".join(get_close_matches(name, known, n=3) or known)
