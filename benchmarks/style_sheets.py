"""Contact sheets of both networks that stylise, for the documentation: landscapes across, paintings down.

    kedro run --env small --pipelines fast_style,arbitrary_style
    python benchmarks/style_sheets.py [data/small] [env]            # docs/images/<family>.jpg

Test photos, and for arbitrary_style test paintings; the first ones of both, none chosen. The sheets of an evaluation
show everyday photos too, whose authors the documentation cannot name.
"""

import io
import sys
from pathlib import Path

from PIL import Image

from atelier.data.prepared.dataset import PreparedData
from atelier.evaluation.stylization.pairs import Gallery, Pairs
from atelier.evaluation.stylization.report import photos_by_styles
from atelier.model_card import ModelCard, ModelSpec
from atelier.onnx.model import OnnxModel
from atelier.predictors.stylizer import ArbitraryStylizer, FastStylizer
from parameters import parameters
from pipelines.families.fast_style.settings import StyleSettings
from pipelines.families.fast_style.styles import choose

SIZE, PHOTOS, PAINTINGS = 256, 5, 8
IMAGES = Path(__file__).parents[1] / "docs" / "images"


def main() -> None:
    data, env = Path(sys.argv[1] if len(sys.argv) > 1 else "data/small"), sys.argv[2] if len(sys.argv) > 2 else "small"
    landscapes, van_gogh = (PreparedData(data / "prepared" / name) for name in ("landscapes", "van_gogh"))
    photos = Gallery.of_test_split(landscapes, PHOTOS, SIZE)
    styles = choose(van_gogh, StyleSettings.model_validate(parameters("fast_style", env)["styles"]))
    pictures, items, names = zip(*((style.painting, style.item, style.name) for style in styles), strict=True)
    _write("fast_style", fast_style(data, Pairs.all(photos, Gallery.hang(pictures, items, SIZE, names))))
    paintings = Gallery.of_test_split(van_gogh, PAINTINGS, SIZE)
    _write("arbitrary_style", arbitrary_style(data, Pairs.all(photos, paintings)))


def fast_style(data: Path, pairs: Pairs) -> bytes:
    stylizer = FastStylizer(*_model(data, "fast_style"))
    names = [pairs.paintings.names[pair.painting] for pair in pairs.places]
    painted = [stylizer.paint(photo, {name: 1.0}) for photo, name in zip(pairs.photo_of_each, names, strict=True)]
    return photos_by_styles(pairs, painted, PHOTOS, PAINTINGS)


def arbitrary_style(data: Path, pairs: Pairs) -> bytes:
    stylizer = ArbitraryStylizer(*_model(data, "arbitrary_style"))
    statistics = [stylizer.statistics(painting) for painting in pairs.paintings.pictures]
    painted = [
        stylizer.paint(photo, statistics[pair.painting])
        for photo, pair in zip(pairs.photo_of_each, pairs.places, strict=True)
    ]
    return photos_by_styles(pairs, painted, PHOTOS, PAINTINGS)


def _model(data: Path, family: str) -> tuple[OnnxModel, ModelSpec]:
    folder = data / "models" / family
    return OnnxModel(folder / "model.onnx", threads=2), ModelCard.read(folder / "card.json").spec


def _write(family: str, sheet: bytes) -> None:
    path = IMAGES / f"{family}.jpg"
    Image.open(io.BytesIO(sheet)).convert("RGB").save(path, quality=85)  # strokes make large PNG files
    print(path)


if __name__ == "__main__":
    main()
