"""Names for the styles of paintings that have no title: their two prevailing colors, such as `navy and ochre`."""

from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

COLORS = {
    "black": 0x14141A,
    "gray": 0x808080,
    "white": 0xF6F6F2,
    "cream": 0xEBDDB8,
    "yellow": 0xF0D040,
    "ochre": 0xC08A35,
    "orange": 0xE8782A,
    "red": 0xB83228,
    "pink": 0xE0A0A0,
    "brown": 0x6A4428,
    "olive": 0x7C7C3C,
    "green": 0x3F7A48,
    "light green": 0xA5B58C,
    "teal": 0x3A7F80,
    "sky blue": 0x8FBCDA,
    "blue": 0x3A66AE,
    "navy": 0x1E2E5C,
    "violet": 0x75559A,
}
"""Name → a typical sRGB value of it."""


def color_names(paintings: Iterable[NDArray[np.uint8]]) -> Iterator[str]:
    """A name for each painting, uint8 (height, width, 3). Where a name occurs again, it gets a number."""
    used: Counter[str] = Counter()
    for painting in paintings:
        name = " and ".join(_prevailing(painting))
        used[name] += 1
        yield name if used[name] == 1 else f"{name} {used[name]}"


def _prevailing(painting: NDArray[np.uint8]) -> list[str]:
    """The two colors that are nearest to most of the pixels, the first the more frequent; one, if there is only one."""
    typical = np.array([[value >> 16, value >> 8 & 255, value & 255] for value in COLORS.values()], np.float32)
    pixels = painting.reshape(-1, 3).astype(np.float32)
    nearest = ((pixels[:, None] - typical) ** 2).sum(axis=2).argmin(axis=1)
    counts = np.bincount(nearest, minlength=len(COLORS))
    names = list(COLORS)
    return [names[index] for index in np.argsort(-counts, kind="stable")[:2] if counts[index]]
