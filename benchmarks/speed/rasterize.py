"""Speed of rasterizing drawings on one core, and the difference to cairo and to the published bitmaps.

    python -m benchmarks.speed.rasterize                                # sample drawings
    ATELIER_MIRROR=<folder> python -m benchmarks.speed.rasterize        # real drawings and their bitmaps

Processor time is measured, so that other work on the machine matters little. Without cairo (pip install cairocffi) its
row and the differences to it are left out.
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
from benchmarks.report import report

SIZE = 28
UNIT = 304.0
"""Side of the padded square, in units of the drawing."""

Bitmaps = NDArray[np.uint8]
Drawings = list[list[NDArray[np.float64]]]


def main() -> None:
    mirror = Path(os.environ.get("ATELIER_MIRROR", "")) / "quickdraw"
    drawings = _real(mirror) if os.environ.get("ATELIER_MIRROR") else _sample()
    rasterizers: dict[str, Callable[[Drawings], Bitmaps]] = {
        "atelier": raster.rasterize,
        "atelier, one call a drawing": lambda d: np.concatenate([raster.rasterize([drawing]) for drawing in d]),
        "Pillow, 4x supersampled": _pillow,
    }
    try:
        import cairocffi
    except (ImportError, OSError):
        cairo = None
    else:
        rasterizers["cairo"] = lambda d: _cairo(cairocffi, d)
        cairo = _cairo(cairocffi, drawings)
    rows = [_measure(name, rasterize, drawings, cairo) for name, rasterize in rasterizers.items()]
    if os.environ.get("ATELIER_MIRROR"):
        rows.append(_against_published(mirror))
    kind = "real" if os.environ.get("ATELIER_MIRROR") else "sample"
    title = f"Rasterizing {len(drawings):,} {kind} drawings to {SIZE} px, one core"
    report("rasterize", title, rows, ["numpy", "pillow"])


def _measure(
    name: str, rasterize: Callable[[Drawings], Bitmaps], drawings: Drawings, cairo: Bitmaps | None
) -> dict[str, Any]:
    bitmaps = rasterize(drawings)
    seconds = []
    for _ in range(3):
        start = time.process_time()
        rasterize(drawings)
        seconds.append(time.process_time() - start)
    rate = len(drawings) / min(seconds)
    return {
        "way": name,
        "drawings/s": round(rate),
        "µs a drawing": round(1e6 / rate, 1),
        **_difference(bitmaps, cairo),
    }


def _difference(bitmaps: Bitmaps, reference: Bitmaps | None) -> dict[str, float | None]:
    """Mean difference in gray levels from 0 to 255: over all pixels, and over those that are not blank in both."""
    if reference is None:
        return {"mean difference": None, "mean where there is ink": None}
    difference = np.abs(bitmaps.astype(int) - reference)
    ink = (bitmaps > 0) | (reference > 0)
    return {
        "mean difference": round(float(difference.mean()), 3),
        "mean where there is ink": round(float(difference[ink].mean()), 3),
    }


def _against_published(mirror: Path) -> dict[str, Any]:
    """Compare with the published bitmaps of the same drawings. They are recognized by their small distance."""
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


def _pillow(drawings: Drawings, fine: int = 4) -> Bitmaps:
    """The usual implementation: thick lines with round joints on a larger image, which is scaled down."""
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


def _cairo(cairo: Any, drawings: Drawings) -> Bitmaps:
    """Google's own code (quickdraw-dataset issue 19) with other names."""
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
