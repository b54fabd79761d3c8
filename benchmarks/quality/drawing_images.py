"""Top-1 accuracy of a drawing classifier on images of drawings, by the way in which the image was made.

    python -m benchmarks.quality.drawing_images champion [drawings.ndjson folder] [name of the result]

`champion` is a folder with `model.onnx` and `card.json`, such as one of the BentoML model store. Without a folder of
`<category>.ndjson` files the drawings are made up, as the sample data, from a seed that no training uses.
"""

import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, cast

import numpy as np

from atelier.data.samples.doodles import draw_lines
from atelier.errors import BadInputError
from atelier.model_card import ModelCard
from atelier.onnx.model import OnnxModel
from atelier.preprocessing.drawing_photo import drawing_from_image
from atelier.preprocessing.raster import rasterize
from atelier.preprocessing.spec import DrawingInput
from atelier.preprocessing.strokes import normalize
from benchmarks.quality.drawing_renderings import RENDERINGS, Strokes
from benchmarks.report import report

SAMPLE_SEED = 977
SAMPLES = 6
"""Made-up drawings per label: 72 of 12 labels."""
REAL = 14
"""Real drawings per label, at most."""


def main() -> None:
    folder = Path(sys.argv[1])
    drawings = Path(sys.argv[2]) if len(sys.argv) > 2 and sys.argv[2] else None
    card, model = ModelCard.read(folder / "card.json"), OnnxModel(folder / "model.onnx")
    spec = cast(DrawingInput, card.spec.preprocessing)
    items = [(label, strokes) for label in card.spec.labels for strokes in load(label, drawings)]
    rows = []
    for name in ("strokes", *RENDERINGS):
        rows.append(score(name, model, spec, card.spec.labels, items))
        print(*rows[-1].values(), flush=True)
    name = sys.argv[3] if len(sys.argv) > 3 else "drawing_images"
    report(name, f"{len(items)} drawings of {len(card.spec.labels)} labels", rows, ("numpy", "pillow", "scipy"))


def load(label: str, folder: Path | None) -> Iterator[Strokes]:
    """Drawings of a label in the simplified form."""
    if folder is None:
        lines: Iterator[bytes] = draw_lines(label, SAMPLES, SAMPLE_SEED)
    elif (folder / f"{label}.ndjson").exists():
        lines = islice((folder / f"{label}.ndjson").open("rb"), REAL)
    else:
        lines = iter(())
    for line in lines:
        yield [np.array(stroke[:2], np.float64) for stroke in json.loads(line)["drawing"]]


def score(
    name: str, model: OnnxModel, spec: DrawingInput, labels: tuple[str, ...], items: list[tuple[str, Strokes]]
) -> dict[str, Any]:
    """Top-1 accuracy, how many images are refused, and how many get a wrong label with a probability above 0.9."""
    right = refused = certain = 0
    for label, strokes in items:
        try:
            if name == "strokes":
                image = rasterize([normalize(strokes)])[0]
            else:
                image = drawing_from_image(RENDERINGS[name](strokes), spec)
        except BadInputError:
            refused += 1
            continue
        probabilities = model(image=image[None])["probabilities"][0]
        correct = labels[int(probabilities.argmax())] == label
        right += correct
        certain += not correct and probabilities.max() > 0.9
    count = len(items)
    return {
        "image": name,
        "top-1": round(right / count, 3),
        "refused": round(refused / count, 3),
        "wrong above 0.9": round(certain / count, 3),
    }


if __name__ == "__main__":
    main()
