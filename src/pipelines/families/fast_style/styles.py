"""Selection and names of the paintings whose styles the network learns."""

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
    """The style of one painting.

    Attributes
    ----------
    name
        Unique name of the style.
    item
        Id of the painting in the prepared data.
    painting
        uint8 (height, width, 3), RGB.
    """

    name: str
    item: int
    painting: NDArray[np.uint8]


def select_styles(van_gogh: PreparedData, settings: StyleSettings) -> tuple[Style, ...]:
    """The styles in the order of the network: the paintings of the settings, or the first ones of the training split.

    Raises
    ------
    BadInputError
        When there are too few paintings, or the first digits of an id match no painting or several paintings.
    """
    if settings.paintings:
        return tuple(_find(van_gogh, name, prefix) for name, prefix in settings.paintings.items())
    train = van_gogh.split("train")
    if len(train["id"]) < settings.count:
        raise BadInputError(
            f"styles.count asks for {settings.count} paintings, but the training split has {len(train['id'])}. "
            "Lower it, or fetch more of van_gogh."
        )
    first = zip(train["id"][: settings.count], train["image"][: settings.count], strict=True)
    return tuple(Style(f"painting {hexadecimal(item)[:6]}", int(item), painting) for item, painting in first)


def resized(image: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """uint8 (height, width, 3) → (size, size, 3), with antialiasing."""
    return np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.LANCZOS))


def _find(van_gogh: PreparedData, name: str, prefix: str) -> Style:
    matches = list(_matching(van_gogh, prefix))
    if len(matches) != 1:
        raise BadInputError(
            f"styles.paintings: {len(matches) or 'no'} paintings have an id that begins with {prefix!r} ({name}). "
            "Give the first digits of one id, in hexadecimal, as in the prepared data."
        )
    return Style(name, *matches[0])


def _matching(van_gogh: PreparedData, prefix: str) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    for split in SPLITS:
        fields = van_gogh.split(split)
        for row, item in enumerate(fields["id"][:]):
            if hexadecimal(item).startswith(prefix):
                yield int(item), fields["image"][row]
