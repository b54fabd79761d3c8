"""COCO annotation files, read entry by entry: the published one is 450 MB, as Python objects several gigabytes."""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import IO, Any, NamedTuple

from atelier.errors import BadInputError

_PIECE = 1 << 20
_DECODER = json.JSONDecoder()

_IMAGE_ID = {"images": "id", "annotations": "image_id"}
"""The two long lists → where their entries name an image."""


@contextmanager
def open_annotations(path: Path, part: str) -> Iterator[IO[str]]:
    """The instance annotations of a part, such as `train2017`: a `.json`, or the `.zip` that COCO publishes."""
    if path.suffix != ".zip":
        with path.open(encoding="utf-8") as file:
            yield file
        return
    try:
        with zipfile.ZipFile(path) as archive, archive.open(f"annotations/instances_{part}.json") as file:
            yield io.TextIOWrapper(file, "utf-8")
    except (zipfile.BadZipFile, KeyError) as error:
        raise BadInputError(
            f"{path} is not COCO's archive of annotations ({error}). Remove it and try again."
        ) from error


class Entry(NamedTuple):
    """One value of the file's object, or one of the values of a list in it."""

    key: str
    value: Any
    in_list: bool


def entries(file: IO[str]) -> Iterator[Entry]:
    """The values of a JSON object in their order, its lists entry by entry.

    Memory is that of the largest entry, which for COCO is some 100 kB.

    Raises
    ------
    BadInputError
        When the text is not such an object, or ends early.
    """
    text = _Text(file)
    try:
        text.expect("{")
        while text.peek() != "}":
            key = text.value()
            text.expect(":")
            if text.peek() == "[":
                text.expect("[")
                while text.peek() != "]":
                    yield Entry(key, text.value(), in_list=True)
                    text.skip(",")
                text.expect("]")
            else:
                yield Entry(key, text.value(), in_list=False)
            text.skip(",")
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BadInputError(f"The annotations cannot be read: {error}.") from error


def image_names(path: Path, part: str) -> Iterator[tuple[int, str]]:
    """(id, file name) of each image of a part.

    Raises
    ------
    BadInputError
        When there is none.
    """
    found = False
    with open_annotations(path, part) as file:
        for entry in entries(file):
            if entry.key == "images":
                found = True
                yield entry.value["id"], entry.value["file_name"]
    if not found:
        raise BadInputError(f"{path} names no images. Is it a file of COCO's instances?")


def write_subset(source: Path, part: str, target: Path, images: set[int]) -> None:
    """Write the annotations of these images (ids) only, in the same format."""
    target.parent.mkdir(parents=True, exist_ok=True)
    short: dict[str, Any] = {}
    with open_annotations(source, part) as read, target.open("w", encoding="utf-8") as write:
        write.write("{")
        for key, whole in groupby(entries(read), key=lambda entry: entry.key):
            if key in _IMAGE_ID:
                chosen = (entry.value for entry in whole if entry.value[_IMAGE_ID[key]] in images)
                _write_list(write, key, chosen)
            else:
                values = list(whole)
                short[key] = [entry.value for entry in values] if values[0].in_list else values[0].value
        write.write(json.dumps(short)[1:] + "\n")


def _write_list(write: IO[str], key: str, values: Iterable[Any]) -> None:
    write.write(json.dumps(key) + ": [")
    for number, value in enumerate(values):
        write.write((",\n" if number else "\n") + json.dumps(value))
    write.write("],\n")


class _Text:
    """A text of any length, decoded from where one stands."""

    def __init__(self, file: IO[str]) -> None:
        self._file, self._buffer, self._at, self._ended = file, "", 0, False

    def peek(self) -> str:
        """The next character that is no blank."""
        while True:
            while self._at < len(self._buffer):
                if not self._buffer[self._at].isspace():
                    return self._buffer[self._at]
                self._at += 1
            if not self._read():
                raise json.JSONDecodeError("it ends early", "", 0)

    def expect(self, character: str) -> None:
        if self.peek() != character:
            raise json.JSONDecodeError(f"{self.peek()!r} where {character!r} should be", "", 0)
        self._at += 1

    def skip(self, character: str) -> None:
        if self.peek() == character:
            self._at += 1

    def value(self) -> Any:
        """The JSON value that begins here."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._buffer, self._at)
                if end < len(self._buffer) or not self._read():  # a number at the end may go on
                    self._at = end
                    return value
            except json.JSONDecodeError:
                if not self._read():
                    raise

    def _read(self) -> bool:
        """Get more, and forget what was passed; whether there was more."""
        piece = self._file.read(_PIECE)
        self._buffer, self._at = self._buffer[self._at :] + piece, 0
        return bool(piece)
