"""The optimization of Gatys et al. as a reference for style transfer, with the unchanged photo and a color match.

    kedro run --env small --pipelines fetch,prepare        # photos, paintings and the perceptual network
    python -m benchmarks.quality.gatys                             # test photos with test paintings
    python -m benchmarks.quality.gatys --paintings styles          # test photos with the paintings of fast_style
    python -m benchmarks.quality.gatys --weights 2 --pairs 4       # fewer weights and pairs

Gatys et al. 2016 (CVPR, section 2) optimize the pixels of the image, here from the photo on, with 200 steps of Adam at
192 px. The loss is content + weight · style in the distances that are also measured, so each weight gives one point of
the best possible compromise. Photo i is combined with painting i; the shorter set is repeated. The result file lists
every pair and is written again after each weight, because an image takes about 9 s. `style_curve` plots the families
beside it. `evaluation.slow_style` of both families is the style distance at the weight with a similar content distance.
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
from atelier.evaluation.stylization.metrics import ContentStyleDistance, match_colors
from atelier.evaluation.stylization.pairs import ImageSet, Pairs, hexadecimal
from atelier.pretrained.perceptual.asset import Perceptual
from atelier.pretrained.perceptual.extractor import Extractor
from benchmarks.parameters import parameters
from benchmarks.report import report
from pipelines.families.fast_style.settings import StyleSettings
from pipelines.families.fast_style.styles import select_styles
from pipelines.training.on_torch.perceptual import FeatureExtractor
from pipelines.training.on_torch.tensor_ops import gram

SIZE, STEPS, RATE = 192, 200, 5.0
ImageArray = NDArray[np.uint8]
StylizeFunction = Callable[[ImageArray, ImageArray], ImageArray]
"""(photo, painting) → stylized photo."""


def main() -> None:
    arguments = _arguments()
    torch.set_num_threads(arguments.threads)
    perceptual = Perceptual(arguments.data / "raw" / "perceptual")
    pairs = choose_pairs(arguments.data, arguments.env, arguments.paintings, arguments.pairs)
    distance = ContentStyleDistance(perceptual.architecture, Extractor(perceptual))
    extractor = FeatureExtractor(perceptual)
    methods: dict[str, StylizeFunction] = {"the photo itself": lambda photo, _: photo, "color match": match_colors}
    for weight in arguments.weights:
        methods[f"Gatys, style weight {weight:g}"] = partial(optimize, extractor, weight)
    title = f"Gatys, {STEPS} steps at {SIZE} px, {perceptual.architecture.name}, {arguments.paintings} paintings"
    rows, details = [], []
    for name, stylize in methods.items():
        row, detail = measure(name, stylize, pairs, distance)
        rows.append(row)
        details += detail
        report(f"gatys_{arguments.paintings}", title, rows, ["torch"], details)


def choose_pairs(data: Path, env: str, kind: str, most: int) -> Pairs:
    """Pairs of test photos with test paintings (`test`) or with the paintings of fast_style (`styles`).

    They are those of the families' evaluations: the first items of a split, a random sample because of their order.
    """
    coco, van_gogh = (PreparedData(data / "prepared" / name) for name in ("coco", "van_gogh"))
    photos = ImageSet.from_test_split(coco, most, SIZE)
    if kind == "test":
        return Pairs.diagonal(photos, ImageSet.from_test_split(van_gogh, most, SIZE), most)
    chosen = select_styles(van_gogh, StyleSettings.model_validate(parameters("fast_style", env)["styles"]))
    pictures, items, names = zip(*((style.painting, style.item, style.name) for style in chosen), strict=True)
    return Pairs.diagonal(photos, ImageSet.from_images(pictures, items, SIZE, names), most)


def measure(
    name: str, stylize: StylizeFunction, pairs: Pairs, distance: ContentStyleDistance
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The row of one method, and the distances of each pair."""
    photos, paintings = pairs.photo_of_each, pairs.painting_of_each
    began = time.process_time()
    pictures = [stylize(*pair) for pair in zip(photos, paintings, strict=True)]
    seconds = (time.process_time() - began) / len(pictures)
    content, style = distance(pictures, photos, paintings)
    details = [
        {
            "picture": name,
            "photo": hexadecimal(pairs.photos.ids[pair.photo]),
            "painting": hexadecimal(pairs.paintings.ids[pair.painting]),
            "content": round(float(content[place]), 4),
            "style": round(float(style[place]), 4),
        }
        for place, pair in enumerate(pairs.indices)
    ]
    row = {"picture": name, "content": round(float(content.mean()), 3), "style": round(float(style.mean()), 3)}
    return row | {"pairs": len(pictures), "processor s an image": round(seconds, 2)}, details


def optimize(
    extractor: FeatureExtractor, weight: float, photo: ImageArray, painting: ImageArray, steps: int = STEPS
) -> ImageArray:
    """Stylize a photo: uint8 (height, width, 3) of its size. A larger weight brings it nearer to the style."""
    content, styles = extractor.architecture.content_layer, extractor.architecture.style_layers
    with torch.no_grad():
        target = extractor(_tensor(photo))[content]
        grams = {layer: gram(features) for layer, features in extractor(_tensor(painting)).items()}
    image = _tensor(photo).requires_grad_()
    adam = torch.optim.Adam([image], lr=RATE)
    for step in range(steps):
        adam.param_groups[0]["lr"] = RATE * (1 - 0.9 * step / steps)  # large strokes first, then details
        features = extractor(image)
        style = torch.stack([_relative(gram(features[layer]), grams[layer]) for layer in styles]).mean()
        loss = _relative(features[content], target) + weight * style
        adam.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        adam.step()
        with torch.no_grad():
            image.clamp_(0, 255)
    repainted: ImageArray = np.rint(image.detach()[0].permute(1, 2, 0).numpy()).astype(np.uint8)
    return repainted


def _relative(actual: Tensor, reference: Tensor) -> Tensor:
    # The content distance starts at 0, where the square root has no gradient.
    return torch.sqrt((actual - reference).square().sum() / reference.square().sum() + 1e-8)


def _tensor(picture: ImageArray) -> Tensor:
    return torch.from_numpy(picture.astype(np.float32)).permute(2, 0, 1)[None]


def _arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, default=Path("data/small"))
    parser.add_argument("--env", default="small", help="environment whose parameters name the paintings of fast_style")
    parser.add_argument("--paintings", choices=("test", "styles"), default="test")
    parser.add_argument("--pairs", type=int, default=12)
    parser.add_argument("--weights", type=float, nargs="*", default=(0.5, 1.0, 1.5, 2.0, 4.0))
    parser.add_argument("--threads", type=int, choices=(1, 2), default=1)
    return parser.parse_args(given)


if __name__ == "__main__":
    main()
