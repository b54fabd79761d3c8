"""The three formats in which Quick, Draw! is published, read in batches; whatever is wrong becomes a `Problem`.

simplified .ndjson(.gz)   one JSON object a line: word, recognized, drawing = [[[x, …], [y, …]], …], 0..255
raw .ndjson(.gz)          the same with floats in screen pixels and a third list of milliseconds
numpy_bitmap .npy         uint8 (drawings, 784), white on black
"""

import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
import orjson
from numpy.typing import NDArray

from atelier.data.quarantine import Problem
from atelier.errors import BadInputError
from atelier.preprocessing.strokes import LARGEST, Drawing, normalise, parse_strokes

EXTENSIONS = {
    "simplified": (".ndjson", ".ndjson.gz"),
    "raw": (".ndjson", ".ndjson.gz"),
    "numpy_bitmap": (".npy",),
}
"""Format → how its files' names end, the publisher's own first."""


def category_of(name: str) -> str:
    """`alarm clock.ndjson.gz` → `alarm clock`."""
    return name.partition(".")[0]


BITMAP_SIZE = 28
"""Pixels a side of the published bitmaps."""
LONGEST_LINE = 4 << 20
"""Bytes of the longest line that is looked at; a drawing has about 500, a long raw one 100,000."""


@dataclass
class Batch:
    """Some items of one file, where they stood in it, and what was wrong in between."""

    items: Sequence[Drawing] | NDArray[np.uint8] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    """Line or row of each item, counted from 1."""
    problems: list[Problem] = field(default_factory=list)
    skipped: int = 0
    """Drawings left out on request (not recognised by the game)."""


def read_simplified(
    path: Path, word: str, limit: int | None = None, recognized_only: bool = False, batch: int = 512
) -> Iterator[Batch]:
    """Drawings of a simplified `.ndjson` file: whole or fractional coordinates in 0..255.

    Parameters
    ----------
    word
        What the file should hold; a line with another `word` is a problem.
    limit
        Lines to look at, from the first.
    recognized_only
        Leave out drawings that the game did not guess.
    batch
        Lines a batch.
    """
    return _read_ndjson(path, _simplified, word, limit, recognized_only, batch)


def read_raw(
    path: Path, word: str, limit: int | None = None, recognized_only: bool = False, batch: int = 512
) -> Iterator[Batch]:
    """Drawings of a raw `.ndjson` file, turned into the simplified form. Parameters as for `read_simplified`."""
    return _read_ndjson(path, _raw, word, limit, recognized_only, batch)


def read_bitmaps(path: Path, size: int = BITMAP_SIZE, limit: int | None = None, batch: int = 4096) -> Iterator[Batch]:
    """Bitmaps of an `.npy` file, uint8 (n, size, size) a batch; the file may also hold (n, size²).

    The file is mapped, not read. A file that ends early gives its whole rows and one problem for the missing ones.
    """
    try:
        rows, promised = _map_bitmaps(path, size)
    except _BadFileError as error:
        yield Batch(problems=[Problem(path.name, None, error.reason, error.detail)])
        return
    wanted = promised if limit is None else min(promised, limit)
    for start in range(0, min(len(rows), wanted), batch):
        yield _bitmap_batch(path.name, np.array(rows[start : min(start + batch, wanted)]), start)
    if wanted > len(rows):
        detail = f"the header promises {promised} rows, {len(rows)} are there"
        yield Batch(problems=[Problem(path.name, len(rows) + 1, "truncated file", detail, wanted - len(rows))])


class _BadFileError(Exception):
    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


def _map_bitmaps(path: Path, size: int) -> tuple[NDArray[np.uint8], int]:
    """The whole rows that are there, mapped as (rows, size, size), and how many the header promises."""
    try:
        with path.open("rb") as file:
            version = np.lib.format.read_magic(file)
            reader = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, fortran, dtype = reader(file)
            offset = file.tell()
    except (OSError, ValueError) as error:
        raise _BadFileError("unreadable file", str(error)) from error
    if dtype != np.uint8 or fortran or tuple(shape[1:]) not in ((size * size,), (size, size)):
        detail = f"{dtype} {shape}, expected uint8 (n, {size * size})"
        raise _BadFileError("wrong dtype or shape", detail)
    whole = min(shape[0], (path.stat().st_size - offset) // (size * size))
    if not whole:  # nothing to map
        return np.empty((0, size, size), np.uint8), shape[0]
    return np.memmap(path, np.uint8, "r", offset, (whole, size, size)), shape[0]


def _bitmap_batch(name: str, images: NDArray[np.uint8], start: int) -> Batch:
    drawn = images.reshape(len(images), -1).any(axis=1)
    places = np.arange(start + 1, start + 1 + len(images))
    problems = [Problem(name, int(row), "empty drawing") for row in places[~drawn]]
    return Batch(images[drawn], places[drawn].tolist(), problems)


def _read_ndjson(
    path: Path,
    parse: Callable[[Any], Drawing],
    word: str,
    limit: int | None,
    recognized_only: bool,
    batch: int,
) -> Iterator[Batch]:
    current = Batch([])
    for place, line in _lines(path, limit):
        try:
            drawing = _parse_line(line, parse, word, recognized_only)
        except _BadFileError as error:
            current.problems.append(Problem(path.name, place, error.reason, error.detail))
        else:
            if drawing is None:
                current.skipped += 1
            else:
                cast(list[Drawing], current.items).append(drawing)
                current.places.append(place)
        if len(current.items) + len(current.problems) >= batch:
            yield current
            current = Batch([])
    yield current


def _lines(path: Path, limit: int | None) -> Iterator[tuple[int, bytes | _BadFileError]]:
    """Each line with its number, or what keeps it from being read; blank lines are passed over."""
    opener = cast(Callable[..., IO[bytes]], gzip.open if path.suffix == ".gz" else open)
    place = 0
    try:
        with opener(path, "rb") as file:
            while (limit is None or place < limit) and (line := file.readline(LONGEST_LINE)):
                place += 1
                if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                    while (rest := file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                        pass
                    yield place, _BadFileError("malformed drawing", f"a line longer than {LONGEST_LINE} bytes")
                elif line.strip():
                    yield place, line
    except EOFError:
        yield place + 1, _BadFileError("truncated file", "the compressed data ends early")
    except (OSError, zlib.error) as error:
        yield place + 1, _BadFileError("unreadable file", str(error))


def _parse_line(
    line: bytes | _BadFileError, parse: Callable[[Any], Drawing], word: str, recognized_only: bool
) -> Drawing | None:
    """The drawing, or None when it is to be left out; raises `_BadFileError` with the reason."""
    if isinstance(line, _BadFileError):
        raise line
    try:
        entry = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise _BadFileError("malformed JSON", str(error)) from error
    if not isinstance(entry, dict) or "drawing" not in entry:
        raise _BadFileError("malformed drawing", "not an object with a key `drawing`")
    if entry.get("word", word) != word:
        raise _BadFileError("wrong word", f"{entry['word']!r} in the file of {word!r}")
    if recognized_only and entry.get("recognized") is False:
        return None
    if not entry["drawing"] or entry["drawing"] == [[]]:
        raise _BadFileError("empty drawing", "no strokes")
    try:
        return parse(entry["drawing"])
    except BadInputError as error:
        raise _BadFileError("malformed drawing", str(error)) from error


def _simplified(strokes: Any) -> Drawing:
    drawing = parse_strokes(strokes)
    points = np.concatenate(drawing, axis=1)
    if points.min() < 0 or points.max() > LARGEST:
        raise _BadFileError("out of range", f"coordinates {points.min():g}..{points.max():g}, expected 0..255")
    return drawing


def _raw(strokes: Any) -> Drawing:
    return normalise(parse_strokes(strokes))
