"""Which paintings are the styles, and what they are called."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from atelier.data.prepared.dataset import SPLITS, PreparedData
from atelier.errors import BadInputError
from atelier.evaluation.stylization.pairs import hexadecimal
from pipelines.families.fast_style.settings import StyleSettings


@dataclass(frozen=True)
class Style:
    """One painting to paint like.

    Attributes
    ----------
    name
        What the style is called, unlike any other.
    item
        The painting's id in the prepared data.
    painting
        uint8 (height, width, 3), RGB.
    """

    name: str
    item: int
    painting: NDArray[np.uint8]


def choose(van_gogh: PreparedData, settings: StyleSettings) -> tuple[Style, ...]:
    """The styles in the order of the network's weights: those that are named, else the first of the training split.

    Raises
    ------
    BadInputError
        When there are too few paintings, or the beginning of an id fits none or several.
    """
    if settings.paintings:
        return tuple(_find(van_gogh, name, prefix) for name, prefix in settings.paintings.items())
    train = van_gogh.split("train")
    if len(train["id"]) < settings.count:
        raise BadInputError(
            f"styles.count asks for {settings.count} paintings, and the training split has {len(train['id'])}. "
            "Lower it, or fetch more of van_gogh."
        )
    first = zip(train["id"][: settings.count], train["image"][: settings.count], strict=True)
    return tuple(Style(f"painting {hexadecimal(item)[:6]}", int(item), painting) for item, painting in first)


def resized(image: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Uint8 (height, width, 3) → (size, size, 3), without aliases."""
    return np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.LANCZOS))


def _find(van_gogh: PreparedData, name: str, prefix: str) -> Style:
    found = list(_matching(van_gogh, prefix))
    if len(found) != 1:
        raise BadInputError(
            f"styles.paintings: {len(found) or 'no'} paintings have an id that begins with {prefix!r} ({name}). "
            "Give the first digits of one id, in hexadecimal, as in the prepared data."
        )
    return Style(name, *found[0])


def _matching(van_gogh: PreparedData, prefix: str) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    for split in SPLITS:
        fields = van_gogh.split(split)
        for row, item in enumerate(fields["id"][:]):
            if hexadecimal(item).startswith(prefix):
                yield int(item), fields["image"][row]
