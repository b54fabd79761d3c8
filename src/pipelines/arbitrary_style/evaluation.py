"""How well photos are painted in styles that training never saw: asked of the ONNX file, on the test splits."""

from itertools import chain, zip_longest
from typing import Any

import numpy as np

from atelier.card import ModelSpec
from atelier.data.images import Picture
from atelier.data.prepared import PreparedData
from atelier.evaluation.result import Evaluation
from atelier.evaluation.style import Judge
from atelier.evaluation.stylisation import Paint, evaluate_stylisation
from atelier.evaluation.stylisation_cost import cost_table
from atelier.evaluation.stylisation_pairs import Gallery
from atelier.onnx.model import OnnxModel
from atelier.onnx.stylizer import ArbitraryStylizer
from atelier.perceptual.asset import Perceptual
from atelier.perceptual.extractor import Extractor
from pipelines.arbitrary_style.settings import ArbitraryStyleSettings


def evaluate(
    coco: PreparedData,
    landscapes: PreparedData,
    van_gogh: PreparedData,
    perceptual: Perceptual,
    model: OnnxModel,
    spec: ModelSpec,
    settings: ArbitraryStyleSettings,
) -> Evaluation:
    """Paint test photos, of both kinds in turn, in the manner of test paintings; see `evaluate_stylisation`.

    Raises
    ------
    BadInputError
        When there are no test photos or no test paintings.
    """
    asked = settings.evaluation
    photos = gallery((coco, landscapes), asked.photos, asked.size)
    paintings = gallery((van_gogh,), asked.paintings, asked.size)
    paint = painter(ArbitraryStylizer(model, spec), paintings)
    judge = Judge(perceptual.architecture, Extractor(perceptual, threads=0))
    return evaluate_stylisation(paint, photos, paintings, judge, asked, cost_table(paint, model, spec, asked))


def gallery(data: tuple[PreparedData, ...], most: int, size: int) -> Gallery:
    """The first test items of each data set in turn, `most` of them in all."""
    tests = [each.split("test") for each in data]
    items = [zip(test["image"][:most], test["id"][:most], strict=True) for test in tests]
    mixed: list[Any] = [item for item in chain(*zip_longest(*items)) if item is not None][:most]
    return Gallery.hang([image for image, _ in mixed], [int(item) for _, item in mixed], size)


def painter(stylizer: ArbitraryStylizer, paintings: Gallery) -> Paint:
    """Paint in the manner of one of these, as `evaluate_stylisation` asks for it."""
    styles = [stylizer.statistics(np.asarray(painting)) for painting in paintings.pictures]

    def paint(photo: Picture, painting: int, strength: float) -> Picture:
        return stylizer.paint(photo, styles[painting], strength)

    return paint
