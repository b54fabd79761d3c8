"""Ways in which people hand in a drawing: screenshots of canvases, scans and photos of paper, bitmaps.

Each function takes the strokes of a drawing in Google's simplified form and returns gray levels, uint8
(height, width). All are seeded, so that two versions of the code see the same images.
"""

import io
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from atelier.preprocessing.images import GrayArray
from atelier.preprocessing.raster import rasterize
from atelier.preprocessing.strokes import normalize

Strokes = Sequence[NDArray[np.float64]]
SIDE = 400
EXTENT = 0.55
"""Longer side of the drawing as a fraction of the canvas."""
PEN = 0.03
"""Width of the pen as a fraction of the drawing."""
SMOOTH = 4
"""Strokes are drawn at this many times the size and reduced."""
PAPER, INK = 255, 0


def canvas(
    strokes: Strokes,
    pen: float = PEN,
    paper: int = PAPER,
    ink: int = INK,
    side: int = SIDE,
    extent: float = EXTENT,
    center: tuple[float, float] = (0.5, 0.5),
) -> GrayArray:
    """The drawing on an empty square canvas."""
    image = Image.new("L", (side * SMOOTH, side * SMOOTH), paper)
    draw = ImageDraw.Draw(image)
    points = np.concatenate(strokes, axis=1)
    low, high = points.min(axis=1), points.max(axis=1)
    scale = extent * side * SMOOTH / max(float((high - low).max()), 1.0)
    middle = np.array(center) * side * SMOOTH
    width = max(1, round(pen * extent * side * SMOOTH))
    for stroke in strokes:
        line = (stroke.T - (low + high) / 2) * scale + middle
        draw.line([(float(x), float(y)) for x, y in line], ink, width, joint="curve")
        for x, y in (line[0], line[-1]):
            draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), ink)
    return np.asarray(image.reduce(SMOOTH))


def bordered(strokes: Strokes, width: int) -> GrayArray:
    """A canvas with a black border, as an HTML canvas element has it in a screenshot."""
    image = canvas(strokes).copy()
    image[:width], image[-width:], image[:, :width], image[:, -width:] = 0, 0, 0, 0
    return image


def framed(strokes: Strokes) -> GrayArray:
    """A thin frame within the paper."""
    image = Image.fromarray(canvas(strokes))
    ImageDraw.Draw(image).rectangle((12, 12, SIDE - 13, SIDE - 13), outline=60, width=2)
    return np.asarray(image)


def on_page(strokes: Strokes, page: int, margin: int = 60) -> GrayArray:
    """A white canvas on a page of another gray level."""
    image = np.full((SIDE + 2 * margin, SIDE + 2 * margin), page, np.uint8)
    image[margin:-margin, margin:-margin] = canvas(strokes)
    return image


def ruled(strokes: Strokes, level: int, columns: bool = False, margin: bool = False) -> GrayArray:
    """Lined or squared paper, also with the line that marks the margin."""
    image = np.full((SIDE, SIDE), 255, np.uint8)
    image[20::24] = level
    if columns:
        image[:, 20::24] = level
    if margin:
        image[:, 50:52] = level
    return np.minimum(image, canvas(strokes))


def uneven(strokes: Strokes, bright: int = 245, dark: int = 110) -> GrayArray:
    """Light that falls off from right to left, on paper and ink alike."""
    light = np.linspace(dark, bright, SIDE)[None] / 255
    return np.rint(np.maximum(canvas(strokes, ink=20) * light, 0)).astype(np.uint8)


def reduced(strokes: Strokes, side: int) -> GrayArray:
    """A canvas reduced to a few pixels."""
    return np.asarray(Image.fromarray(canvas(strokes)).resize((side, side), Image.Resampling.BOX))


def jpeg(image: GrayArray, quality: int) -> GrayArray:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def photo(strokes: Strokes, rules: int = 0, desk: int | None = None, shadow: bool = False, ink: int = 40) -> GrayArray:
    """A photo of paper with a pen's drawing: turned, blurred, noisy, darker to one corner, as JPEG.

    Parameters
    ----------
    rules
        Gray level of the lines of lined paper; 0 for plain paper.
    desk
        Mean level of the desk around the paper; None where the paper fills the image.
    shadow
        Whether a shadow with a soft edge lies across the paper.
    """
    rng = np.random.default_rng(7)
    paper = canvas(strokes, pen=0.02, paper=235, ink=ink, side=600, extent=0.45).copy()
    if rules:
        paper[30::36] = np.minimum(paper[30::36], rules)
        paper[31::36] = np.minimum(paper[31::36], rules)
    angle = 6 if desk is not None else 2
    turned = Image.fromarray(paper).rotate(angle, Image.Resampling.BICUBIC, expand=desk is not None, fillcolor=0)
    image = np.asarray(turned, np.float32)
    if desk is None:
        image = image[30:-30, 30:-30]
    else:
        inside = np.asarray(Image.new("L", (600, 600), 255).rotate(angle, expand=True)) > 128
        grain = desk + 12 * np.sin(np.arange(image.shape[0])[:, None] / 5 + rng.normal(0, 0.3, image.shape[1]))
        image = np.pad(np.where(inside, image, grain), 30, constant_values=desk)
    y, x = np.mgrid[: image.shape[0], : image.shape[1]] / max(image.shape)
    image = image * (1 - 0.45 * np.hypot(x, y) / np.sqrt(2))
    if shadow:
        image = image * (1 - 0.4 / (1 + np.exp(-(x + 0.4 * y - 0.6) * 40)))
    image = np.asarray(Image.fromarray(image.clip(0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(1)))
    return jpeg((image + rng.normal(0, 4, image.shape)).clip(0, 255).astype(np.uint8), 75)


def bitmap(strokes: Strokes, factor: int, resampling: Image.Resampling = Image.Resampling.NEAREST) -> GrayArray:
    """The published bitmap, enlarged."""
    small = rasterize([normalize(strokes)])[0]
    return np.asarray(Image.fromarray(small).resize((28 * factor, 28 * factor), resampling))


RENDERINGS: dict[str, Callable[[Strokes], GrayArray]] = {
    "plain canvas": canvas,
    "white on black": partial(canvas, paper=0, ink=255),
    "fills the image": partial(canvas, extent=0.96),
    "small in a corner": partial(canvas, side=1000, extent=0.15, center=(0.2, 0.75)),
    "border of 1 px": partial(bordered, width=1),
    "border of 2 px": partial(bordered, width=2),
    "thin frame": framed,
    "dark page": partial(on_page, page=26),
    "light gray page": partial(on_page, page=240),
    "narrow dark page": partial(on_page, page=26, margin=15),
    "lined paper, light": partial(ruled, level=190),
    "lined paper, dark": partial(ruled, level=120),
    "lined paper with margin": partial(ruled, level=170, margin=True),
    "squared paper": partial(ruled, level=190, columns=True),
    "light from 245 to 110": uneven,
    "pencil": partial(canvas, paper=235, ink=185),
    "reduced to 28 x 28": partial(reduced, side=28),
    "reduced to 56 x 56": partial(reduced, side=56),
    "JPEG of quality 20": lambda strokes: jpeg(canvas(strokes), 20),
    "pen 1 %": partial(canvas, pen=0.01),
    "pen 5 %": partial(canvas, pen=0.05),
    "pen 7.5 %": partial(canvas, pen=0.075),
    "pen 10 %": partial(canvas, pen=0.1),
    "bitmap": partial(bitmap, factor=1),
    "bitmap x 4": partial(bitmap, factor=4),
    "bitmap x 10": partial(bitmap, factor=10),
    "bitmap x 10, bicubic": partial(bitmap, factor=10, resampling=Image.Resampling.BICUBIC),
    "photo": photo,
    "photo, pencil": partial(photo, ink=140),
    "photo, lined paper": partial(photo, rules=190),
    "photo, paper on a dark desk": partial(photo, desk=60),
    "photo, paper on a light desk": partial(photo, desk=150),
    "photo, shadow": partial(photo, shadow=True),
}
"""Name → rendering."""
