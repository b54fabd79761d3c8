"""Remove from an image of a drawing what is printed or around it: rules, frames, the page beside the canvas."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]

Place = tuple[slice, slice]
"""Rows and columns of a part."""

DEEPEST_BORDER = 0.2
"""A border or page is at most this fraction of the side wide."""
ALL_ALONG = 0.9
"""Fraction of its pixels by which a row at the edge belongs to a border."""
CONTACT = 0.25
"""A part that touches the edges over more than this fraction of the side is no stroke."""
RUN = 0.1
"""Shortest straight piece of a rule, as a fraction of the side."""
FULL = 0.8
"""A rule is at least this fraction of the side long, and so are the sides of a frame."""
EDGE = 0.03
"""A rule ends at most this fraction of the side away from the edges of the image."""
THICKEST = 0.025
"""Largest mean thickness of a rule as a fraction of the side."""
STRAIGHT = 0.015
"""Largest height of a frame's side as a fraction of the image's. Lines drawn by hand are less straight."""
FRINGE = 2
"""Pixels beside a rule that are only partly covered by it."""


def without_rules(darkness: Floats, threshold: float) -> Floats:
    """The darkness without borders, rules and frames. Where nothing else would remain, they are the drawing and stay.

    Parameters
    ----------
    darkness
        (height, width), 0 is the paper and 1 is black.
    threshold
        Darkness from which on a pixel may belong to a rule. Lighter rules are not looked for.
    """
    left = _without_full_rows(darkness, threshold)
    left = _without_rows(left, threshold)
    left = _without_rows(left.T, threshold).T
    left = _without_areas_at_the_edge(left, threshold)
    return left if (left > threshold).sum() > 0.02 * (darkness > threshold).sum() else darkness


def _without_full_rows(darkness: Floats, threshold: float) -> Floats:
    """Without the rows and columns at the edges that are dark all along."""
    left = darkness.copy()
    height, width = left.shape
    for turned, rows in ((left, height), (left[::-1], height), (left.T, width), (left.T[::-1], width)):
        depth = 0
        while depth < DEEPEST_BORDER * rows and (turned[depth] > threshold).mean() > ALL_ALONG:
            depth += 1
        if depth:
            turned[: depth + FRINGE] = 0
    return left


def _without_areas_at_the_edge(darkness: Floats, threshold: float) -> Floats:
    """Without parts that touch the edges for a long way, such as the desk beside the paper."""
    mask = darkness > threshold
    if not (mask[[0, -1]].any() or mask[:, [0, -1]].any()):
        return darkness
    parts, count = ndimage.label(mask)
    edges = np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]])
    contact = np.bincount(edges, minlength=count + 1) > CONTACT * min(darkness.shape)
    contact[0] = False
    if not contact.any():
        return darkness
    return np.where(ndimage.binary_dilation(contact[parts], iterations=FRINGE), 0, darkness)


def _without_rows(darkness: Floats, threshold: float) -> Floats:
    """Without straight thin lines from the left to the right edge, and without the two of a frame."""
    mask = darkness > threshold
    height, width = mask.shape
    if _closed(np.any(mask, axis=0)).sum() < FULL * width:
        return darkness  # no line is long enough: the usual case, and the rest takes most of the time
    runs = _runs(mask, max(3, round(RUN * width)))
    parts, _ = ndimage.label(runs, np.ones((3, 3)))
    lines = [
        (place, parts[place] == number)
        for number, place in enumerate(ndimage.find_objects(parts), 1)
        if _is_line(place, parts[place] == number, height, width)
    ]
    left = darkness.copy()
    for place, line in lines:
        ends = place[1].start, width - place[1].stop
        if max(ends) <= EDGE * width or _is_frame([each for each, _ in lines], place, height):
            _erase(left, mask, place, line)
    return left


def _runs(mask: Mask, length: int) -> Mask:
    """Pixels in horizontal runs of at least this length; gaps of two pixels do not end a run."""
    levels = ndimage.minimum_filter1d(_closed(mask), length, axis=1)
    return np.asarray(ndimage.maximum_filter1d(levels, length, axis=1, origin=-((length + 1) % 2)) > 0)


def _closed(mask: Mask) -> NDArray[np.uint8]:
    """Ones and zeros along the last axis, without gaps of up to two pixels."""
    return np.asarray(ndimage.minimum_filter1d(ndimage.maximum_filter1d(mask.astype(np.uint8), 3), 3))


def _is_line(place: Place, line: Mask, height: int, width: int) -> bool:
    """Whether a part is a straight thin line through most of the width."""
    length = int(place[1].stop - place[1].start)
    return length >= FULL * width and float(line.sum()) / length <= THICKEST * height + 1


def _is_frame(lines: list[Place], place: Place, height: int) -> bool:
    """Whether there is a line of equal length as far from the bottom as this one is from the top, or the reverse."""
    rows, columns = place
    if rows.stop - rows.start > STRAIGHT * height:
        return False
    mirrored = height - rows.stop, height - rows.start
    return any(
        abs(each[0].start - mirrored[0]) <= EDGE * height
        and abs(each[1].start - columns.start) + abs(each[1].stop - columns.stop) <= 4
        and each is not place
        for each in lines
    )


def _erase(darkness: Floats, mask: Mask, place: Place, line: Mask) -> None:
    """Erase a line in place, except where a stroke crosses it: where it is darker, or higher than the line."""
    rows, columns = place
    thickness = max(1, round(float(line.sum()) / (columns.stop - columns.start)))
    around = (slice(max(rows.start - thickness - 2, 0), rows.stop + thickness + 2), columns)
    top = rows.start - around[0].start
    padded = np.zeros((around[0].stop - around[0].start, line.shape[1]), bool)[: len(mask[around])]
    padded[top : top + len(line)] = line
    fringed = ndimage.binary_dilation(padded, np.ones((3, 1)), iterations=FRINGE)
    crossed = ndimage.binary_opening(mask[around], np.ones((thickness + 3, 1), bool))
    level = float(np.median(darkness[place][line]))
    darker = darkness[around] > (1 + level) / 2
    darkness[around][fringed & ~crossed & ~darker] = 0
