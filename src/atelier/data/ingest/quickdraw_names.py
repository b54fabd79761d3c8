"""Names of the files of Quick, Draw!."""

import re

EXTENSIONS = {
    "simplified": (".ndjson", ".ndjson.gz"),
    "raw": (".ndjson", ".ndjson.gz"),
    "numpy_bitmap": (".npy",),
}
"""Format → extensions of its files, the publisher's first."""


_FILE_NAME = re.compile(
    r"(?:full_(?:simplified|raw|numpy_bitmap|binary)_)?(?P<category>.+?)(?:\.ndjson(?:\.gz)?|\.npy)"
)


def category_of(name: str) -> str:
    """The category of a file: `alarm clock.ndjson.gz` → `alarm clock`, `no. 1.npy` → `no. 1`.

    A prefix that Google's storage puts before the names of downloaded files, such as `full_numpy_bitmap_`, is removed.

    Raises
    ------
    ValueError
        When the name has none of the `EXTENSIONS`.
    """
    found = _FILE_NAME.fullmatch(name)
    if found is None:
        raise ValueError(f"{name!r} is no file of Quick, Draw!.")
    return found["category"]
