"""Random parts of images to learn from."""

import numpy as np

from atelier.data.images import Picture


def random_square(image: Picture, least_side: float, flip: float, chance: np.random.Generator) -> Picture:
    """A square part of an image, perhaps mirrored left to right.

    Parameters
    ----------
    image
        uint8 (height, width, 3).
    least_side
        Side of the smallest square, as a share of the image's shorter one: above 0, at most 1.
    flip
        Probability of mirroring it.

    Returns
    -------
    A view of the image, (side, side, 3).
    """
    height, width = image.shape[:2]
    shorter = min(height, width)
    side = int(chance.integers(int(np.ceil(least_side * shorter)), shorter + 1))
    top, left = int(chance.integers(height - side + 1)), int(chance.integers(width - side + 1))
    part = image[top : top + side, left : left + side]
    return part[:, ::-1] if chance.random() < flip else part
