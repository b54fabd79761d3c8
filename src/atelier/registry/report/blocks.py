"""The parts of a document, which `markdown` and `html` render."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 to 3."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """Plain text, or emphasized text that a reader must not miss."""

    text: str
    strong: bool = False


@dataclass(frozen=True)
class Command:
    """What is typed in a terminal, or what a terminal has shown; it may have several lines."""

    text: str


@dataclass(frozen=True)
class Table:
    """A table. The first column is text, the others are numbers."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Links:
    """(text, address) of links, one a line."""

    links: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Pictures:
    """Images of the same kind side by side, one of each version."""

    name: str
    """What they show, such as `worst mistakes`."""
    images: Sequence[tuple[str, bytes]]
    """(title, content of the image file)."""


Block = Heading | Paragraph | Command | Table | Links | Pictures
