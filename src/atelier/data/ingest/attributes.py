"""Attributes of images: numbers from a table `attributes.csv`, or from the names of the files."""

import csv
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from atelier.data.quarantine import Problem
from atelier.errors import BadInputError

TABLE = "attributes.csv"
FILE = "file"
"""The column that names the image."""
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Attributes:
    """The attributes of images by their names."""

    names: tuple[str, ...] = ()
    """The columns."""
    rows: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Name of an image → its values. The name is the whole path, or only its last part."""
    problems: tuple[Problem, ...] = ()
    """Cells that are no number, and rows that contradict others: these values are missing."""

    def of(self, names: Iterable[str]) -> Floats:
        """The values of images with these names, (n, columns); NaN where a value is missing."""
        missing = (math.nan,) * len(self.names)
        found = [self.rows.get(name) or self.rows.get(PurePosixPath(name).name) or missing for name in names]
        return np.array(found, np.float32).reshape(len(found), len(self.names))


def read_table(path: Path) -> Attributes:
    """Read a table: a column `file`, and all columns that hold numbers. Other columns are passed over.

    Empty cells are missing values. Of several rows of one image with different values, none is used.

    Raises
    ------
    BadInputError
        When the file is no such table.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInputError(f"{path} is not a table of comma-separated values in UTF-8 ({error}).") from error
    columns = [name for name in (rows[0] if rows else {}) if name and name != FILE]
    names = tuple(name for name in columns if any(_number(row[name]) is not None for row in rows))
    if not rows or FILE not in rows[0] or not names:
        raise BadInputError(f"{path} needs a column {FILE!r} with names of images, and at least one column of numbers.")
    return _collect(path.name, names, rows)


def read_names(names: Iterable[str], pattern: str) -> Attributes:
    """Attributes that file names hold, such as `35_1_photo.jpg`.

    Parameters
    ----------
    names
        Paths of all images.
    pattern
        Regular expression whose named groups are the attributes, such as `^(?P<age>[0-9]+)_(?P<gender>[01])_`. It is
        searched in the last part of each path.

    Raises
    ------
    BadInputError
        When the pattern has no named group, or matches no name.
    """
    compiled = re.compile(pattern)
    columns = tuple(compiled.groupindex)
    matches = {name: compiled.search(PurePosixPath(name).name) for name in names}
    rows = {name: _values(match.groupdict(), columns) for name, match in matches.items() if match}
    if not columns or not rows:
        raise BadInputError(f"The pattern {pattern!r} finds no attribute in the names of the images: name its groups.")
    return Attributes(columns, rows)


def _collect(table: str, names: tuple[str, ...], rows: list[dict[str, str]]) -> Attributes:
    """The values of every image, with a problem for each cell that is no number and each contradicting row."""
    found: dict[str, tuple[float, ...]] = {}
    problems: list[Problem] = []
    for line, row in enumerate(rows, start=2):
        values = _values(row, names)
        bad = [
            name for name, value in zip(names, values, strict=True) if math.isnan(value) and (row[name] or "").strip()
        ]
        if bad:
            detail = ", ".join(f"{name}: {row[name]!r}" for name in bad)
            problems.append(Problem(table, line, "not a number", detail, items=0))
        image = (row[FILE] or "").strip()
        if image in found and not np.array_equal(found[image], values, equal_nan=True):
            problems.append(Problem(table, line, "contradicting rows", image, items=0))
            values = (math.nan,) * len(names)
        found[image] = values
    return Attributes(names, found, tuple(problems))


def _values(cells: Mapping[str, str | None], names: Iterable[str]) -> tuple[float, ...]:
    numbers = (_number(cells.get(name)) for name in names)
    return tuple(math.nan if number is None else number for number in numbers)


def _number(cell: str | None) -> float | None:
    try:
        number = float(cell or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None
