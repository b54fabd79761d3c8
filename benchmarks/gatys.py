"""Gatys' slow optimisation: what style transfer can reach, beside the photo as it is and a mere match of the colours.

    kedro run --env small --pipelines fetch,prepare        # photos, paintings and the perceptual network
    python benchmarks/gatys.py                             # test photos with test paintings, which nobody learned
    python benchmarks/gatys.py --paintings styles          # test photos with the paintings that fast_style learns
    python benchmarks/gatys.py --weights 2 --pairs 4       # less of it

Gatys et al. 2016 (CVPR, section 2): the pixels themselves are optimised, from the photo on, with Adam, 200 steps, at
192 px. The losses are those that the result is judged by, content + weight · style, so that each weight gives a point
of the best that is to be had. Photo i goes with painting i, beginning again where there are fewer of the one. The
result holds every pair, and is written anew after each weight: some 9 s a picture are long. `style_curve.py` plots
families against it; `evaluation.slow_style` of both is the style at the weight whose content is about theirs.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from atelier.data.prepared.dataset import PreparedData
from atelier.evaluation.stylization.metrics import Judge, match_colours
from atelier.evaluation.stylization.pairs import Gallery, Pairs, hexadecimal
from atelier.pretrained.perceptual.asset import Perceptual
from atelier.pretrained.perceptual.extractor import Extractor
from parameters import parameters
from pipelines.families.fast_style.settings import StyleSettings
from pipelines.families.fast_style.styles import choose
from pipelines.training.on_torch.perceptual import Taps, gram
from report import report

SIZE, STEPS, RATE = 192, 200, 5.0
Picture = NDArray[np.uint8]
Way = Callable[[Picture, Picture], Picture]
"""(photo, painting) → picture."""


def main() -> None:
    asked = _arguments()
    torch.set_num_threads(asked.threads)
    perceptual = Perceptual(asked.data / "raw" / "perceptual")
    pairs = choose_pairs(asked.data, asked.env, asked.paintings, asked.pairs)
    judge, taps = Judge(perceptual.architecture, Extractor(perceptual)), Taps(perceptual)
    ways: dict[str, Way] = {"the photo itself": lambda photo, _: photo, "colour match": match_colours}
    for weight in asked.weights:
        ways[f"Gatys, style weight {weight:g}"] = partial(optimise, taps, weight)
    title = f"Gatys, {STEPS} steps at {SIZE} px, {perceptual.architecture.name}, {asked.paintings} paintings"
    rows, details = [], []
    for name, way in ways.items():
        row, detail = measure(name, way, pairs, judge)
        rows.append(row)
        details += detail
        report(f"gatys_{asked.paintings}", title, rows, ["torch"], details)


def choose_pairs(data: Path, env: str, kind: str, most: int) -> Pairs:
    """Test photos with test paintings (`test`) or with fast_style's own (`styles`): those that the families look at.

    Items of a split stand in the order of their hashes, so the first ones are a draw.
    """
    coco, van_gogh = (PreparedData(data / "prepared" / name) for name in ("coco", "van_gogh"))
    photos = Gallery.of_test_split(coco, most, SIZE)
    if kind == "test":
        return Pairs.diagonal(photos, Gallery.of_test_split(van_gogh, most, SIZE), most)
    chosen = choose(van_gogh, StyleSettings.model_validate(parameters("fast_style", env)["styles"]))
    pictures, items, names = zip(*((style.painting, style.item, style.name) for style in chosen), strict=True)
    return Pairs.diagonal(photos, Gallery.hang(pictures, items, SIZE, names), most)


def measure(name: str, way: Way, pairs: Pairs, judge: Judge) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The row of one way, and what it says of each pair."""
    photos, paintings = pairs.photo_of_each, pairs.painting_of_each
    began = time.process_time()
    pictures = [way(*pair) for pair in zip(photos, paintings, strict=True)]
    seconds = (time.process_time() - began) / len(pictures)
    content, style = judge(pictures, photos, paintings)
    details = [
        {
            "picture": name,
            "photo": hexadecimal(pairs.photos.ids[pair.photo]),
            "painting": hexadecimal(pairs.paintings.ids[pair.painting]),
            "content": round(float(content[place]), 4),
            "style": round(float(style[place]), 4),
        }
        for place, pair in enumerate(pairs.places)
    ]
    row = {"picture": name, "content": round(float(content.mean()), 3), "style": round(float(style.mean()), 3)}
    return row | {"pairs": len(pictures), "processor s an image": round(seconds, 2)}, details


def optimise(taps: Taps, weight: float, photo: Picture, painting: Picture, steps: int = STEPS) -> Picture:
    """The photo repainted: uint8 (height, width, 3) as it came, nearer to the painting's style with a larger weight."""
    content, styles = taps.architecture.content_layer, taps.architecture.style_layers
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


def _arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, default=Path("data/small"))
    parser.add_argument("--env", default="small", help="whose parameters say which paintings fast_style learns")
    parser.add_argument("--paintings", choices=("test", "styles"), default="test")
    parser.add_argument("--pairs", type=int, default=12)
    parser.add_argument("--weights", type=float, nargs="*", default=(0.5, 1.0, 1.5, 2.0, 4.0))
    parser.add_argument("--threads", type=int, choices=(1, 2), default=1)
    return parser.parse_args(given)


if __name__ == "__main__":
    main()
