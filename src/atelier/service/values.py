"""Looking at single values of a question: each is what it should be, or a sentence says what it should be."""

import secrets
from collections.abc import Sequence
from typing import Any

from atelier.errors import BadInputError, nearest

LARGEST_SEED = 2**32 - 1
DRAWN_SEEDS = 1_000_000
"""Seeds that are drawn at random are below this: short enough to be read out."""
LONGEST_LABEL = 60
"""Letters of a label that are looked at and repeated; more were never meant."""


def whole_number(name: str, value: Any, least: int, most: int) -> int:
    """A whole number within bounds.

    Raises
    ------
    BadInputError
        When the value is anything else.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise BadInputError(f"{name} must be a whole number from {least} to {most}.")
    return value


def seed_or_any(value: Any) -> int:
    """The seed of a question, or one drawn at random where it has none.

    Raises
    ------
    BadInputError
        When the value is neither None nor a whole number from 0 to `LARGEST_SEED`.
    """
    return secrets.randbelow(DRAWN_SEEDS) if value is None else whole_number("seed", value, 0, LARGEST_SEED)


def known_label(value: Any, known: Sequence[str]) -> str:
    """A label out of those that are known.

    Raises
    ------
    BadInputError
        When it is none of them; the message names the nearest ones.
    """
    if not isinstance(value, str):
        raise BadInputError(f"label must be text that says what to draw, for example {known[0]!r}.")
    if value not in known:
        label = value[:LONGEST_LABEL]
        raise BadInputError(f"There is no label {label!r} here. There is, for example, {nearest(label, known)}.")
    return value


def one_of(name: str, value: Any, choices: Sequence[str]) -> str:
    """One of several words.

    Raises
    ------
    BadInputError
        When the value is none of them.
    """
    if not isinstance(value, str) or value not in choices:
        raise BadInputError(f"{name} must be {' or '.join(map(repr, choices))}.")
    return value
