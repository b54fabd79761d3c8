"""The four painters of photos on the same test photos: how near to Van Gogh, how much of the photo is kept, how fast.

    kedro run --env small --pipelines cyclegan_resnet,cyclegan_unet,fast_style,arbitrary_style
    python -m benchmarks.quality.painters [data/small]          # docs/images/painters.jpg and a table

The metrics are those of CycleGAN's evaluation (`atelier.evaluation.translation`). fast_style paints each photo in one
of its styles, and arbitrary_style in the style of a test painting, in turn. A painter without a model in the folder is
left out.
"""

import io
import sys
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from PIL import Image

from atelier.data.prepared.dataset import PreparedData
from atelier.evaluation.grids import image_grid
from atelier.evaluation.stylization.metrics import ContentStyleDistance
from atelier.evaluation.stylization.pairs import ImageSet
from atelier.evaluation.translation.evaluate import FeatureNetworks, Translate, evaluate_translation
from atelier.model_card import ModelCard
from atelier.onnx.parts import open_parts, part_files
from atelier.predictors.stylizer import ArbitraryStylizer, FastStylizer
from atelier.predictors.translator import Translator
from atelier.preprocessing.spec import PhotoInput
from atelier.pretrained.backbones.asset import Backbone
from atelier.pretrained.backbones.extractor import BackboneExtractor
from atelier.pretrained.perceptual.asset import Perceptual
from atelier.pretrained.perceptual.extractor import Extractor
from benchmarks.parameters import parameters
from benchmarks.report import report
from pipelines.families.cyclegan.settings import CycleGanSettings

TARGET = Path(__file__).parents[2] / "docs" / "images" / "painters.jpg"
SHOWN = 6
SHEET_SIZE = TIMED_SIZE = 256
METRICS = ("kernel_ratio", "content", "edge_agreement", "diversity")


def main() -> None:
    data = Path(sys.argv[1] if len(sys.argv) > 1 else "data/small")
    options = CycleGanSettings.model_validate(parameters("cyclegan_resnet", data.name)).evaluation
    photos, paintings = (
        ImageSet.from_test_split(PreparedData(data / "prepared" / name), most, options.size)
        for name, most in (("landscapes", options.photos), ("van_gogh", options.paintings))
    )
    networks = feature_networks(data)
    painters = {
        name: make(data / "models" / name, paintings)
        for name, make in PAINTERS.items()
        if (data / "models" / name / "card.json").exists()
    }
    rows: list[dict[str, Any]] = []
    for name, painter in painters.items():
        found = evaluate_translation(painter, lambda image: image, photos, paintings, networks, options).metrics
        values = {metric: f"{found[metric].value:.3f}" for metric in METRICS}
        rows.append({"painter": name, **values, f"ms at {TIMED_SIZE} px": milliseconds(painter)})
    report("painters", f"{len(photos.ids)} test photos, {len(paintings.ids)} test paintings", rows, ("onnxruntime",))
    write_sheet(data, painters)


def feature_networks(data: Path) -> FeatureNetworks:
    """The networks of CycleGAN's evaluation."""
    perceptual = Perceptual(data / "raw" / "perceptual")
    return FeatureNetworks(
        describe=BackboneExtractor(Backbone(data / "raw" / "backbone"), threads=0),
        content=ContentStyleDistance(perceptual.architecture, Extractor(perceptual, threads=0)),
    )


def translator(folder: Path, paintings: ImageSet) -> Translate:  # noqa: ARG001  all painters are made alike
    spec = ModelCard.read(folder / "card.json").spec
    assert isinstance(spec.preprocessing, PhotoInput)
    return Translator(open_parts(part_files(folder, spec.parts), threads=0)["to_painting"], spec.preprocessing)


def fast_stylizer(folder: Path, paintings: ImageSet) -> Translate:  # noqa: ARG001
    spec = ModelCard.read(folder / "card.json").spec
    stylizer = FastStylizer(open_parts(part_files(folder, spec.parts), threads=0)["model"], spec)
    styles = cycle(spec.labels)
    return lambda photo: stylizer.stylize(photo, {next(styles): 1.0})


def arbitrary_stylizer(folder: Path, paintings: ImageSet) -> Translate:
    spec = ModelCard.read(folder / "card.json").spec
    stylizer = ArbitraryStylizer(open_parts(part_files(folder, spec.parts), threads=0)["model"], spec)
    statistics = cycle([stylizer.statistics(painting) for painting in paintings.images])
    return lambda photo: stylizer.stylize(photo, next(statistics))


PAINTERS: dict[str, Callable[[Path, ImageSet], Translate]] = {
    "cyclegan_resnet": translator,
    "cyclegan_unet": translator,
    "fast_style": fast_stylizer,
    "arbitrary_style": arbitrary_stylizer,
}


def milliseconds(painter: Translate, repeats: int = 15) -> float:
    """Median time of one photo on all cores."""
    photo = np.random.default_rng(0).integers(0, 256, (TIMED_SIZE, TIMED_SIZE, 3), dtype=np.uint8)
    painter(photo)
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        painter(photo)
        times.append((time.perf_counter() - start) * 1000)
    return round(median(times), 1)


def write_sheet(data: Path, painters: dict[str, Translate]) -> None:
    """The first test photos, painted by each painter."""
    photos = ImageSet.from_test_split(PreparedData(data / "prepared" / "landscapes"), SHOWN, SHEET_SIZE).images
    rows = [list(photos), *([painter(photo) for photo in photos] for painter in painters.values())]
    headers = ["photo", *painters]
    images = [image for row in rows for image in row]
    sheet = image_grid(images, columns=len(photos), cell=SHEET_SIZE, row_headers=headers, title="Test photos")
    with Image.open(io.BytesIO(sheet)) as picture:
        picture.convert("RGB").save(TARGET, quality=85)
    print(TARGET)


if __name__ == "__main__":
    main()
