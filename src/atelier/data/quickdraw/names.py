"""What the files of a format are called: `<category><extension>`."""

EXTENSIONS = {
    "simplified": (".ndjson", ".ndjson.gz"),
    "raw": (".ndjson", ".ndjson.gz"),
    "numpy_bitmap": (".npy",),
}
"""Format → how its files' names end, the publisher's own first."""


def category_of(name: str) -> str:
    """`alarm clock.ndjson.gz` → `alarm clock`."""
    return name.partition(".")[0]
