"""The quarantine file: one line of JSON for each item that was left out, with its reason."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from atelier.errors import BadInputError


class Problem(NamedTuple):
    """One defect of the data."""

    file: str
    """Name inside the raw folder."""
    line: int | None
    """Line of a text file or row of an array, counted from 1; None when it concerns the file as a whole."""
    reason: str
    """One of a fixed set of reasons, so that they can be counted."""
    detail: str = ""
    """The specific defect."""
    items: int = 1
    """Number of items that are lost."""


class Quarantine:
    """Writes `quarantine.jsonl` and counts the items of each reason. Use it as a context manager.

    Parameters
    ----------
    path
        The file. It is replaced where it exists; its folder is created.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts: Counter[str] = Counter()
        """Reason → items."""

    def __enter__(self) -> Self:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("w", encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self.counts[problem.reason] += problem.items
            self._file.write(json.dumps(problem._asdict(), ensure_ascii=False) + "\n")


def check_bad_fraction(bad: int, total: int, limit: float, quarantine: Path) -> None:
    """Raise an error when the fraction of bad items is above `limit`.

    Raises
    ------
    BadInputError
        The message has the numbers, the parameter to change, and the file that lists every bad item.
    """
    if total and bad / total > limit:
        raise BadInputError(
            f"{bad:,} of {total:,} items ({bad / total:.1%}) are unusable, more than max_bad_fraction = {limit:.1%} "
            f"allows. {quarantine} says why for each; repair the raw data or raise max_bad_fraction."
        )


def check_no_empty_class(counts: Mapping[str, int], quarantine: Path, missing: Mapping[str, str] | None = None) -> None:
    """Raise an error when a class has no item.

    Parameters
    ----------
    counts
        Label → number of items.
    missing
        Label that the source does not have → reason, which becomes part of the message.

    Raises
    ------
    BadInputError
        The message names the empty classes.
    """
    empty = sorted(label for label, items in counts.items() if not items)
    if empty:
        reasons = "".join(f" {missing[label]}" for label in empty if missing and label in missing)
        raise BadInputError(
            f"No usable item is left of {', '.join(empty)}.{reasons} {quarantine} says what was wrong; "
            "repair the raw data or change the list of categories."
        )


def check_no_empty_split(counts: Mapping[str, Mapping[str, int]]) -> None:
    """Raise an error when a split has no item, which happens with very few items or very small fractions.

    Parameters
    ----------
    counts
        Split → label → number of items.

    Raises
    ------
    BadInputError
        The message names the empty splits.
    """
    sizes = {split: sum(labels.values()) for split, labels in counts.items()}
    empty = [split for split, size in sizes.items() if not size]
    if empty:
        raise BadInputError(
            f"None of the {sum(sizes.values()):,} items fell into the split {' or '.join(empty)}. "
            "Take more items, or raise the fractions of val and test."
        )
