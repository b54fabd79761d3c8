"""Errors whose message tells the reader what to change."""

from collections.abc import Iterable
from difflib import get_close_matches


class AtelierError(Exception):
    """Base of every error that Atelier raises on purpose; shown without a traceback."""


class BadInputError(AtelierError):
    """What a user or a data file handed in cannot be used; the message says why and what would work."""


def nearest(name: str, known: Iterable[str]) -> str:
    """What was perhaps meant by a name that does not exist: `a or b`, or all there is where nothing comes close."""
    known = sorted(known)
    return " or ".join(get_close_matches(name, known, n=3) or known)
