"""Gatys' slow optimisation: what style transfer can reach, beside the photo as it is and a mere match of the colours.

    kedro run --env small --pipelines fetch,prepare        # photos, paintings and the perceptual network
    python benchmarks/gatys.py [data/small] [pairs]

Gatys et al. 2016 (CVPR, section 2): the pixels themselves are optimised, from the photo on, with Adam, 200 steps, at
192 px. The losses are those that the result is judged by, content + weight · style, so that each weight gives a point
of the best that is to be had. Test photos and test paintings, pair by pair; the curve is what `docs/` plots families
against.
"""

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from atelier.data.prepared import PreparedData
from atelier.evaluation.style import Judge, match_colours
from atelier.perceptual.asset import Perceptual
from atelier.perceptual.extractor import Extractor
from pipelines.on_torch.perceptual import Taps, gram
from report import report

SIZE, STEPS, RATE = 192, 200, 5.0
STYLE_WEIGHTS = (1.0, 2.0, 4.0, 8.0)
Picture = NDArray[np.uint8]


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "data/small")
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    torch.set_num_threads(1)
    perceptual = Perceptual(folder / "raw" / "perceptual")
    photos, paintings = (_test_pictures(folder, name, count) for name in ("coco", "van_gogh"))
    judge, taps = Judge(perceptual.architecture, Extractor(perceptual)), Taps(perceptual)
    ways: dict[str, Any] = {"the photo itself": lambda photo, _: photo, "colour match": match_colours}
    for weight in STYLE_WEIGHTS:
        ways[f"Gatys, style weight {weight:g}"] = lambda photo, painting, w=weight: optimise(taps, photo, painting, w)
    rows = []
    for name, way in ways.items():
        began = time.process_time()
        pictures = [way(*pair) for pair in zip(photos, paintings, strict=True)]
        seconds = (time.process_time() - began) / len(pictures)
        content, style = judge(pictures, photos, paintings)
        row = {"picture": name, "content": round(float(content.mean()), 3), "style": round(float(style.mean()), 3)}
        rows.append(row | {"pairs": len(pictures), "processor s an image": round(seconds, 2)})
        print(rows[-1], flush=True)
    report("gatys", f"Gatys, {STEPS} steps at {SIZE} px, {perceptual.architecture.name}", rows, ["torch"])


def optimise(taps: Taps, photo: Picture, painting: Picture, weight: float, steps: int = STEPS) -> Picture:
    """The photo repainted: uint8 (height, width, 3) as it came, nearer to the painting's style with a larger weight."""
    content, styles = taps.architecture.content, taps.architecture.style
    with torch.no_grad():
        wanted = taps(_tensor(photo))[content]
        grams = {tap: gram(features) for tap, features in taps(_tensor(painting)).items()}
    image = _tensor(photo).requires_grad_()
    adam = torch.optim.Adam([image], lr=RATE)
    for step in range(steps):
        adam.param_groups[0]["lr"] = RATE * (1 - 0.9 * step / steps)  # large strokes first, then detail
        features = taps(image)
        style = torch.stack([_relative(gram(features[tap]), grams[tap]) for tap in styles]).mean()
        loss = _relative(features[content], wanted) + weight * style
        adam.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        adam.step()
        with torch.no_grad():
            image.clamp_(0, 255)
    repainted: Picture = np.rint(image.detach()[0].permute(1, 2, 0).numpy()).astype(np.uint8)
    return repainted


def _relative(these: Tensor, those: Tensor) -> Tensor:
    # The root has no slope at 0, which is where the content begins.
    return torch.sqrt((these - those).square().sum() / those.square().sum() + 1e-8)


def _tensor(picture: Picture) -> Tensor:
    return torch.from_numpy(picture.astype(np.float32)).permute(2, 0, 1)[None]


def _test_pictures(folder: Path, dataset: str, count: int) -> list[Picture]:
    """The first test items, at 192 px; their order is that of their hashes, so they are a draw."""
    items = PreparedData(folder / "prepared" / dataset).split("test")["image"][:count]
    return [np.asarray(Image.fromarray(item).resize((SIZE, SIZE), Image.Resampling.LANCZOS)) for item in items]


if __name__ == "__main__":
    main()
