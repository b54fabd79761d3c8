"""Looking at single values of a question: each is what it should be, or a sentence says what it should be."""

import secrets
from collections.abc import Sequence
from typing import Any

from atelier.errors import BadInputError, nearest

LARGEST_SEED = 2**32 - 1
DRAWN_SEEDS = 1_000_000
"""Seeds that are drawn at random are below this: short enough to be read out."""
LARGEST_WEIGHT = 1_000_000
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


def number(name: str, value: Any, least: float, most: float) -> float:
    """A number within bounds.

    Raises
    ------
    BadInputError
        When the value is anything else, NaN among it.
    """
    if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
        raise BadInputError(f"{name} must be a number from {least} to {most}.")
    return float(value)


def shares(what: str, weights: Sequence[Any]) -> list[float]:
    """Weights made to sum to 1; `what` is what the message calls them.

    Raises
    ------
    BadInputError
        When one is no number from 0 to `LARGEST_WEIGHT`, or none is above 0.
    """
    try:
        numbers = [number(what, weight, 0, LARGEST_WEIGHT) for weight in weights]
    except BadInputError:
        numbers = []
    total = sum(numbers)
    if not total:
        raise BadInputError(f"{what} must be numbers from 0 to {LARGEST_WEIGHT}, not all of them 0.")
    return [weight / total for weight in numbers]


def yes_or_no(name: str, value: Any) -> bool:
    """True or false.

    Raises
    ------
    BadInputError
        When the value is neither.
    """
    if not isinstance(value, bool):
        raise BadInputError(f"{name} must be true or false.")
    return value


def file_of(name: str, value: Any) -> bytes:
    """The bytes of a file.

    Raises
    ------
    BadInputError
        When the value is anything else.
    """
    if not isinstance(value, bytes):
        problem = f"There is no {name}." if value is None else f"{name} must be a file."
        raise BadInputError(f"{problem} Send it as multipart/form-data, with a file name.")
    return value


def known_label(value: Any, known: Sequence[str], what: str = "label") -> str:
    """A name out of those that are known; `what` is what the message calls it.

    Raises
    ------
    BadInputError
        When it is none of them; the message names the nearest ones.
    """
    if not isinstance(value, str):
        raise BadInputError(f"{what} must be text, such as {known[0]!r}.")
    if value not in known:
        label = value[:LONGEST_LABEL]
        raise BadInputError(f"There is no {what} {label!r} here. There is, for example, {nearest(label, known)}.")
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
