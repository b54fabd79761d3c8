"""Drawings rasterised a second on one core, and how close they come to cairo and to the published bitmaps.

    python benchmarks/rasterise.py                                # sample drawings
    ATELIER_MIRROR=<folder> python benchmarks/rasterise.py        # real ones, also against their published bitmaps

Time is the processor's, so that other work on the machine counts little. Without cairo (pip install cairocffi) its row
and the differences to it are left out.
"""

import os
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import orjson
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from atelier.data.ingest.quickdraw import read_bitmaps, read_simplified
from atelier.data.samples.doodle_categories import CATEGORIES
from atelier.data.samples.doodles import draw_lines
from atelier.preprocessing import raster
from report import report

SIZE = 28
UNIT = 304.0
"""Side of the padded square, in units of the drawing."""

Pictures = NDArray[np.uint8]
Drawings = list[list[NDArray[np.float64]]]


def main() -> None:
    mirror = Path(os.environ.get("ATELIER_MIRROR", "")) / "quickdraw"
    drawings = _real(mirror) if os.environ.get("ATELIER_MIRROR") else _sample()
    ways: dict[str, Callable[[Drawings], Pictures]] = {
        "atelier": raster.rasterize,
        "atelier, one call a drawing": lambda d: np.concatenate([raster.rasterize([drawing]) for drawing in d]),
        "Pillow, 4x supersampled": _pillow,
    }
    try:
        import cairocffi
    except (ImportError, OSError):
        cairo = None
    else:
        ways["cairo"] = lambda d: _cairo(cairocffi, d)
        cairo = _cairo(cairocffi, drawings)
    rows = [_measure(name, way, drawings, cairo) for name, way in ways.items()]
    if os.environ.get("ATELIER_MIRROR"):
        rows.append(_against_published(mirror))
    kind = "real" if os.environ.get("ATELIER_MIRROR") else "sample"
    title = f"Rasterising {len(drawings):,} {kind} drawings to {SIZE} px, one core"
    report("rasterise", title, rows, ["numpy", "pillow"])


def _measure(
    name: str, way: Callable[[Drawings], Pictures], drawings: Drawings, cairo: Pictures | None
) -> dict[str, Any]:
    pictures = way(drawings)
    seconds = []
    for _ in range(3):
        start = time.process_time()
        way(drawings)
        seconds.append(time.process_time() - start)
    rate = len(drawings) / min(seconds)
    return {
        "way": name,
        "drawings/s": round(rate),
        "µs a drawing": round(1e6 / rate, 1),
        **_difference(pictures, cairo),
    }


def _difference(pictures: Pictures, reference: Pictures | None) -> dict[str, float | None]:
    """Grey levels, of 255: mean over all pixels, and over those with ink in either."""
    if reference is None:
        return {"mean difference": None, "mean where there is ink": None}
    difference = np.abs(pictures.astype(int) - reference)
    ink = (pictures > 0) | (reference > 0)
    return {
        "mean difference": round(float(difference.mean()), 3),
        "mean where there is ink": round(float(difference[ink].mean()), 3),
    }


def _against_published(mirror: Path) -> dict[str, Any]:
    """Compare with published bitmaps of the very same drawings: those of which one lies much nearer than chance."""
    ours, published, candidates = [], [], 0
    for path in sorted((mirror / "numpy_bitmap").glob("*.npy")):
        lines = mirror / "simplified" / f"{path.stem}.ndjson"
        drawings = [drawing for batch in read_simplified(lines, path.stem) for drawing in batch.items]
        pictures = raster.rasterize(drawings)
        bitmaps = np.concatenate([batch.items for batch in read_bitmaps(path)])
        nearest = [int(np.abs(bitmaps.astype(np.int16) - picture).sum((1, 2)).argmin()) for picture in pictures]
        close = np.abs(bitmaps[nearest].astype(int) - pictures).mean((1, 2)) < 3
        candidates += len(pictures)
        ours.append(pictures[close])
        published.append(bitmaps[nearest][close])
    one, other = np.concatenate(ours), np.concatenate(published)
    name = f"atelier against the published bitmap ({len(one)} of {candidates} drawings that exist in both forms)"
    return {"way": name, "drawings/s": None, "µs a drawing": None, **_difference(one, other)}


def _pillow(drawings: Drawings, fine: int = 4) -> Pictures:
    """The usual way: thick lines with round joints on a larger picture, scaled down."""
    scale = SIZE * fine / UNIT
    out = np.zeros((len(drawings), SIZE, SIZE), np.uint8)
    for number, drawing in enumerate(drawings):
        picture = Image.new("L", (SIZE * fine, SIZE * fine))
        pen = ImageDraw.Draw(picture)
        shift = (256 - np.concatenate(drawing, axis=1).max(axis=1, keepdims=True)) / 2 + 24
        radius = 8 * scale
        for stroke in drawing:
            points = ((stroke + shift) * scale).T
            pen.line([tuple(point) for point in points], fill=255, width=round(2 * radius), joint="curve")
            for x, y in points[[0, -1]]:
                pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
        out[number] = np.asarray(picture.resize((SIZE, SIZE), Image.Resampling.BOX))
    return out


def _cairo(cairo: Any, drawings: Drawings) -> Pictures:
    """Google's own code (quickdraw-dataset issue 19), but for its names."""
    surface = cairo.ImageSurface(cairo.FORMAT_ARGB32, SIZE, SIZE)
    context = cairo.Context(surface)
    context.set_antialias(cairo.ANTIALIAS_BEST)
    context.set_line_cap(cairo.LINE_CAP_ROUND)
    context.set_line_join(cairo.LINE_JOIN_ROUND)
    context.set_line_width(16)
    context.scale(SIZE / UNIT, SIZE / UNIT)
    context.translate(24, 24)
    out = np.zeros((len(drawings), SIZE, SIZE), np.uint8)
    for number, drawing in enumerate(drawings):
        context.set_source_rgb(0, 0, 0)
        context.paint()
        context.set_source_rgb(1, 1, 1)
        shift = (256 - np.concatenate(drawing, axis=1).max(axis=1, keepdims=True)) / 2
        for stroke in drawing:
            points = (stroke + shift).T.tolist()
            context.move_to(*points[0])
            for x, y in points:
                context.line_to(x, y)
            context.stroke()
        out[number] = np.frombuffer(surface.get_data(), np.uint8).reshape(SIZE, SIZE, 4)[:, :, 0]
    return out


def _real(mirror: Path) -> Drawings:
    files = sorted((mirror / "simplified").glob("*.ndjson"))
    everything = (drawing for path in files for batch in read_simplified(path, path.stem) for drawing in batch.items)
    return list(islice(everything, 0, None, 4))


def _sample(each: int = 150) -> Drawings:
    lines = (line for word in CATEGORIES for line in islice(draw_lines(word, each, seed=1), each))
    return [[np.array(stroke, float) for stroke in orjson.loads(line)["drawing"]] for line in lines]


if __name__ == "__main__":
    main()
