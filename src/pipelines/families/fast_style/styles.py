"""Selection and names of the paintings whose styles the network learns."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from atelier.data.content_hash import digest_of
from atelier.data.prepared.dataset import SPLITS, PreparedData
from atelier.errors import BadInputError
from atelier.evaluation.stylization.pairs import hexadecimal
from atelier.preprocessing.images import Rejected, center_crop, decode_reduced
from pipelines.families.fast_style.settings import PaintingFile, StyleSettings
from pipelines.families.fast_style.style_names import color_names


@dataclass(frozen=True)
class Style:
    """The style of one painting.

    Attributes
    ----------
    name
        Unique name of the style.
    item
        The painting's id: in the prepared data, or the one that a file of one's own would have there.
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
        When there are too few paintings, the beginning of an id fits none or several, or a file cannot be read or has
        changed since the settings were read.
    """
    if settings.paintings:
        return tuple(_find(van_gogh, name, painting) for name, painting in settings.paintings.items())
    train = van_gogh.split("train")
    if len(train["id"]) < settings.count:
        raise BadInputError(
            f"styles.count asks for {settings.count} paintings, but the training split has {len(train['id'])}. "
            "Lower it, or fetch more of van_gogh."
        )
    items, paintings = train["id"][: settings.count], train["image"][: settings.count]
    return tuple(
        Style(name, int(item), painting)
        for name, item, painting in zip(color_names(paintings), items, paintings, strict=True)
    )


def resized(image: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """uint8 (height, width, 3) → (size, size, 3), with antialiasing."""
    return np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.LANCZOS))


def _find(van_gogh: PreparedData, name: str, painting: str | PaintingFile) -> Style:
    if isinstance(painting, PaintingFile):
        return Style(name, int(painting.content[:16], 16), _read(painting, van_gogh.split("train")["image"].shape[1]))
    return _find_prepared(van_gogh, name, painting)


def _read(file: PaintingFile, size: int) -> NDArray[np.uint8]:
    """The centre of an image file, (size, size, 3), prepared as the paintings of the data set are."""
    try:
        content = Path(file.path).expanduser().read_bytes()
        image, _ = decode_reduced(content, 2 * size)
    except (OSError, Rejected) as error:
        raise BadInputError(f"styles.paintings: {file.path} cannot be read ({error}).") from error
    if digest_of(content).hex() != file.content:
        raise BadInputError(f"styles.paintings: {file.path} has changed since this run began. Start it again.")
    return center_crop(image, size)


def _find_prepared(van_gogh: PreparedData, name: str, prefix: str) -> Style:
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
