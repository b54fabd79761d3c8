"""Image grids of both style transfer families for the documentation, with a landscape per column, a painting per row.

    kedro run --env small --pipelines fast_style,arbitrary_style
    python -m benchmarks.quality.style_sheets [data/small] [env]    # docs/images/<family>.jpg

The first test photos, and for arbitrary_style the first test paintings, without selection. The grids of an evaluation
use COCO photos, whose authors the documentation cannot name.
"""

import io
import sys
from pathlib import Path

from PIL import Image

from atelier.data.prepared.dataset import PreparedData
from atelier.evaluation.stylization.pairs import ImageSet, Pairs
from atelier.evaluation.stylization.report import photos_by_styles
from atelier.model_card import ModelCard, ModelSpec
from atelier.onnx.model import OnnxModel
from atelier.predictors.stylizer import ArbitraryStylizer, FastStylizer
from benchmarks.parameters import parameters
from pipelines.families.fast_style.settings import StyleSettings
from pipelines.families.fast_style.styles import select_styles

SIZE, PHOTOS, PAINTINGS = 256, 5, 8
IMAGES = Path(__file__).parents[2] / "docs" / "images"


def main() -> None:
    data, env = Path(sys.argv[1] if len(sys.argv) > 1 else "data/small"), sys.argv[2] if len(sys.argv) > 2 else "small"
    landscapes, van_gogh = (PreparedData(data / "prepared" / name) for name in ("landscapes", "van_gogh"))
    photos = ImageSet.from_test_split(landscapes, PHOTOS, SIZE)
    styles = select_styles(van_gogh, StyleSettings.model_validate(parameters("fast_style", env)["styles"]))
    pictures, items, names = zip(*((style.painting, style.item, style.name) for style in styles), strict=True)
    _write("fast_style", fast_style(data, Pairs.all(photos, ImageSet.from_images(pictures, items, SIZE, names))))
    paintings = ImageSet.from_test_split(van_gogh, PAINTINGS, SIZE)
    _write("arbitrary_style", arbitrary_style(data, Pairs.all(photos, paintings)))


def fast_style(data: Path, pairs: Pairs) -> bytes:
    stylizer = FastStylizer(*_model(data, "fast_style"))
    names = [pairs.paintings.names[pair.painting] for pair in pairs.indices]
    stylized = [stylizer.stylize(photo, {name: 1.0}) for photo, name in zip(pairs.photo_of_each, names, strict=True)]
    return photos_by_styles(pairs, stylized, PHOTOS, PAINTINGS)


def arbitrary_style(data: Path, pairs: Pairs) -> bytes:
    stylizer = ArbitraryStylizer(*_model(data, "arbitrary_style"))
    statistics = [stylizer.statistics(painting) for painting in pairs.paintings.images]
    stylized = [
        stylizer.stylize(photo, statistics[pair.painting])
        for photo, pair in zip(pairs.photo_of_each, pairs.indices, strict=True)
    ]
    return photos_by_styles(pairs, stylized, PHOTOS, PAINTINGS)


def _model(data: Path, family: str) -> tuple[OnnxModel, ModelSpec]:
    folder = data / "models" / family
    return OnnxModel(folder / "model.onnx", threads=2), ModelCard.read(folder / "card.json").spec


def _write(family: str, sheet: bytes) -> None:
    path = IMAGES / f"{family}.jpg"
    Image.open(io.BytesIO(sheet)).convert("RGB").save(path, quality=85)  # brush strokes make PNG files large
    print(path)


if __name__ == "__main__":
    main()
