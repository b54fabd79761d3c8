"""COCO annotation files, read as a stream: the published file has 450 MB, its Python objects several gigabytes."""

import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import ijson

from atelier.errors import BadInputError

_BUFFER_BYTES = 1 << 16
_DEPTH_CHANGE = {"start_map": 1, "start_array": 1, "end_map": -1, "end_array": -1}

_IMAGE_ID = {"images": "id", "annotations": "image_id"}
"""The two long lists → the key of their entries that holds the image's id."""


@contextmanager
def open_annotations(path: Path, part: str) -> Iterator[IO[bytes]]:
    """Open the instance annotations of a part, such as `train2017`: a `.json`, or the `.zip` that COCO publishes.

    Raises
    ------
    BadInputError
        When a `.zip` is damaged or does not hold the annotations of this part.
    """
    if path.suffix != ".zip":
        with path.open("rb") as file:
            yield file
        return
    try:
        with zipfile.ZipFile(path) as archive, archive.open(f"annotations/instances_{part}.json") as file:
            yield file
    except (zipfile.BadZipFile, KeyError) as error:
        raise BadInputError(
            f"{path} is not COCO's archive of annotations ({error}). Remove it and try again."
        ) from error


def read_object(file: IO[bytes]) -> Iterator[tuple[str, Any]]:
    """Key and value of each member of a JSON object, in the order of the file.

    A list comes as an iterator of its entries. Consume it before the next member: what is left of it is skipped.
    Memory is bounded by the largest entry of a list (about 100 kB for COCO) and the largest value that is no list.

    Raises
    ------
    BadInputError
        When the file does not hold a JSON object, or ends early.
    """
    events = _events(file)
    _check_is_object(events)
    for event, key in events:
        if event == "end_map":
            continue  # reads on to the end of the file, so that text after the object is an error
        event, value = next(events)
        if event != "start_array":
            yield key, _value(event, value, events)
            continue
        entries = _entries(events)
        yield key, entries
        for _ in entries:
            pass


def image_names(path: Path, part: str) -> Iterator[tuple[int, str]]:
    """(id, file name) of each image of a part.

    Raises
    ------
    BadInputError
        When the file cannot be read or names no image.
    """
    empty = True
    with open_annotations(path, part) as file:
        _check_is_object(_events(file))
        file.seek(0)
        with _readable():
            for image in ijson.items(file, "images.item", use_float=True):
                empty = False
                yield _member(image, "id"), _member(image, "file_name")
    if empty:
        raise BadInputError(f"{path} names no images. Is it a file of COCO's instances?")


def write_subset(source: Path, part: str, target: Path, images: set[int]) -> None:
    """Write a file with all keys of the source, in which `images` and `annotations` are those of these image ids.

    Raises
    ------
    BadInputError
        When the source cannot be read.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with open_annotations(source, part) as file, target.open("w", encoding="utf-8") as out:
        out.write("{")
        for number, (key, value) in enumerate(read_object(file)):
            out.write((",\n" if number else "\n") + json.dumps(key) + ": ")
            if isinstance(value, Iterator):
                _write_list(out, _of_images(key, value, images))
            else:
                out.write(json.dumps(value))
        out.write("\n}\n")


def _of_images(key: str, entries: Iterator[Any], images: set[int]) -> Iterator[Any]:
    """The entries of a list that belong to these images; all entries of a list that does not name images."""
    if key not in _IMAGE_ID:
        return entries
    return (entry for entry in entries if _member(entry, _IMAGE_ID[key]) in images)


def _write_list(out: IO[str], entries: Iterable[Any]) -> None:
    out.write("[")
    for number, entry in enumerate(entries):
        out.write((",\n" if number else "\n") + json.dumps(entry))
    out.write("]")


def _member(entry: Any, key: str) -> Any:
    if not isinstance(entry, dict) or key not in entry:
        raise BadInputError(f"The annotations cannot be read: an entry has no {key!r}: {json.dumps(entry)[:100]}.")
    return entry[key]


def _check_is_object(events: Iterator[tuple[str, Any]]) -> None:
    if next(events)[0] != "start_map":
        raise BadInputError("The annotations cannot be read: the file does not hold a JSON object.")


def _events(file: IO[bytes]) -> Iterator[tuple[str, Any]]:
    with _readable():
        yield from ijson.basic_parse(file, use_float=True, buf_size=_BUFFER_BYTES)


@contextmanager
def _readable() -> Iterator[None]:
    """Turn ijson's errors into `BadInputError`."""
    try:
        yield
    except (ijson.JSONError, UnicodeDecodeError) as error:
        raise BadInputError(f"The annotations cannot be read: {error}.") from error


def _entries(events: Iterator[tuple[str, Any]]) -> Iterator[Any]:
    """The entries of a list whose opening bracket has been read."""
    for event, value in events:
        if event == "end_array":
            return
        yield _value(event, value, events)


def _value(event: str, value: Any, events: Iterator[tuple[str, Any]]) -> Any:
    """The JSON value that begins with this event."""
    builder, depth = ijson.ObjectBuilder(), 0
    while True:
        builder.event(event, value)
        depth += _DEPTH_CHANGE.get(event, 0)
        if not depth:
            return builder.value
        event, value = next(events)
