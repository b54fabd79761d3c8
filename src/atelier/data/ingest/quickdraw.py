"""Read the three published formats of Quick, Draw! in batches; every defect becomes a `Problem`.

simplified .ndjson(.gz)   one JSON object per line: word, recognized, drawing = [[[x, …], [y, …]], …], 0..255
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

from atelier.data.content_hash import Hashes, as_hashes, digest_of
from atelier.data.download.source import DataRequest
from atelier.data.ingest.quickdraw_names import category_of
from atelier.data.quarantine import Problem
from atelier.errors import BadInputError
from atelier.preprocessing.strokes import MAX_VALUE, Drawing, normalize, parse_strokes

BITMAP_SIZE = 28
"""Pixels per side of the published bitmaps."""
MAX_LINE_BYTES = 4 << 20
"""Longer lines are not parsed. A drawing has about 500 bytes, a long raw one 100,000."""


@dataclass
class Batch:
    """Consecutive items of one file, their positions, and the defects between them."""

    items: Sequence[Drawing] | NDArray[np.uint8] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    """Line or row of each item, counted from 1."""
    digests: list[bytes] = field(default_factory=list)
    """Hash of what each item is at its source: its word and `key_id`, else its strokes or its bitmap as published."""
    problems: list[Problem] = field(default_factory=list)
    skipped: int = 0
    """Number of drawings that were skipped because the game did not recognise them."""

    @property
    def identities(self) -> Hashes:
        """`digests` as numbers, (n, 2)."""
        return as_hashes(self.digests)


def read_drawings(path: Path, request: DataRequest, recognized_only: bool = False) -> Iterator[Batch]:
    """Read a fetched file, in the format and up to the number of drawings that were requested."""
    form, limit = request.parameters["format"], request.parameters["items_per_category"]
    if form == "numpy_bitmap":
        return read_bitmaps(path, BITMAP_SIZE, limit)
    read = read_raw if form == "raw" else read_simplified
    return read(path, category_of(path.name), limit, recognized_only)


def read_simplified(
    path: Path, word: str, limit: int | None = None, recognized_only: bool = False, batch: int = 512
) -> Iterator[Batch]:
    """Read a simplified `.ndjson` file: integer or fractional coordinates in 0..255.

    Parameters
    ----------
    word
        The category of the file. A line with another `word` is a problem.
    limit
        Number of lines to read, from the first; None: all of them.
    recognized_only
        Skip drawings that the game did not recognise.
    batch
        Lines per batch.
    """
    return _read_ndjson(path, _simplified, word, limit, recognized_only, batch)


def read_raw(
    path: Path, word: str, limit: int | None = None, recognized_only: bool = False, batch: int = 512
) -> Iterator[Batch]:
    """Read a raw `.ndjson` file and simplify its drawings. Parameters as for `read_simplified`."""
    return _read_ndjson(path, _raw, word, limit, recognized_only, batch)


def read_bitmaps(path: Path, size: int = BITMAP_SIZE, limit: int | None = None, batch: int = 4096) -> Iterator[Batch]:
    """Read an `.npy` file of bitmaps, (n, size, size) or (n, size²); a batch is uint8 (n, size, size).

    The file is memory-mapped. A truncated file gives its complete rows, and one problem for the missing ones.
    """
    try:
        rows, expected = _map_bitmaps(path, size)
    except _BadFileError as error:
        yield Batch(problems=[Problem(path.name, None, error.reason, error.detail)])
        return
    count = expected if limit is None else min(expected, limit)
    for start in range(0, min(len(rows), count), batch):
        yield _bitmap_batch(path.name, np.array(rows[start : min(start + batch, count)]), start)
    if count > len(rows):
        detail = f"the header announces {expected} rows, the file holds {len(rows)}"
        yield Batch(problems=[Problem(path.name, len(rows) + 1, "truncated file", detail, count - len(rows))])


class _BadFileError(Exception):
    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


def _map_bitmaps(path: Path, size: int) -> tuple[NDArray[np.uint8], int]:
    """The complete rows, memory-mapped as (rows, size, size), and the number of rows that the header announces."""
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
    complete = min(shape[0], (path.stat().st_size - offset) // (size * size))
    if not complete:  # an empty file cannot be mapped
        return np.empty((0, size, size), np.uint8), shape[0]
    return np.memmap(path, np.uint8, "r", offset, (complete, size, size)), shape[0]


def _bitmap_batch(name: str, images: NDArray[np.uint8], start: int) -> Batch:
    drawn = images.reshape(len(images), -1).any(axis=1)
    positions = np.arange(start + 1, start + 1 + len(images))
    problems = [Problem(name, int(row), "empty drawing") for row in positions[~drawn]]
    items = images[drawn]
    return Batch(items, positions[drawn].tolist(), [digest_of(item.data) for item in items], problems)


def _read_ndjson(
    path: Path,
    parse: Callable[[Any], Drawing],
    word: str,
    limit: int | None,
    recognized_only: bool,
    batch: int,
) -> Iterator[Batch]:
    current = Batch([])
    for position, line in _lines(path, limit):
        try:
            parsed = _parse_line(line, parse, word, recognized_only)
        except _BadFileError as error:
            current.problems.append(Problem(path.name, position, error.reason, error.detail))
        else:
            if parsed is None:
                current.skipped += 1
            else:
                cast(list[Drawing], current.items).append(parsed[0])
                current.digests.append(parsed[1])
                current.positions.append(position)
        if len(current.items) + len(current.problems) >= batch:
            yield current
            current = Batch([])
    yield current


def _lines(path: Path, limit: int | None) -> Iterator[tuple[int, bytes | _BadFileError]]:
    """Each line with its number, or the reason why it cannot be read; blank lines are skipped."""
    opener = cast(Callable[..., IO[bytes]], gzip.open if path.suffix == ".gz" else open)
    position = 0
    try:
        with opener(path, "rb") as file:
            while (limit is None or position < limit) and (line := file.readline(MAX_LINE_BYTES)):
                position += 1
                if len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
                    while (rest := file.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
                        pass
                    yield position, _BadFileError("malformed drawing", f"a line longer than {MAX_LINE_BYTES} bytes")
                elif line.strip():
                    yield position, line
    except EOFError:
        yield position + 1, _BadFileError("truncated file", "the compressed data ends early")
    except (OSError, zlib.error) as error:
        yield position + 1, _BadFileError("unreadable file", str(error))


def _parse_line(
    line: bytes | _BadFileError, parse: Callable[[Any], Drawing], word: str, recognized_only: bool
) -> tuple[Drawing, bytes] | None:
    """The drawing and its digest, or None where it is skipped; raises `_BadFileError` with the reason."""
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
        return parse(entry["drawing"]), _digest(entry, word)
    except BadInputError as error:
        raise _BadFileError("malformed drawing", str(error)) from error


def _digest(entry: dict[str, Any], word: str) -> bytes:
    """Hash of what a drawing is at its source.

    That is its `key_id`, which the simplified and the raw format share, with its word: files of other makers number the
    drawings of each file from the start. Without a `key_id` it is the strokes.
    """
    key = entry.get("key_id")
    if isinstance(key, str | int) and str(key).strip("0 "):
        return digest_of(f"{word}\0{key}".encode())
    return digest_of(orjson.dumps(entry["drawing"]))


def _simplified(strokes: Any) -> Drawing:
    drawing = parse_strokes(strokes)
    points = np.concatenate(drawing, axis=1)
    if points.min() < 0 or points.max() > MAX_VALUE:
        raise _BadFileError("out of range", f"coordinates {points.min():g}..{points.max():g}, expected 0..255")
    return drawing


def _raw(strokes: Any) -> Drawing:
    return normalize(parse_strokes(strokes))
