"""How well photos are painted in styles that training never saw: asked of the ONNX file, on the test splits."""

import numpy as np

from atelier.evaluation.results import Evaluation
from atelier.evaluation.stylization.cost import cost_table
from atelier.evaluation.stylization.evaluate import Paint, evaluate_stylisation
from atelier.evaluation.stylization.metrics import Judge
from atelier.evaluation.stylization.pairs import Gallery
from atelier.model_card import ModelSpec
from atelier.onnx.model import OnnxModel
from atelier.predictors.stylizer import ArbitraryStylizer
from atelier.preprocessing.images import ImageArray
from atelier.pretrained.perceptual.extractor import Extractor
from pipelines.families.arbitrary_style.settings import ArbitraryStyleInputs, ArbitraryStyleSettings


def evaluate(
    inputs: ArbitraryStyleInputs, model: OnnxModel, spec: ModelSpec, settings: ArbitraryStyleSettings
) -> Evaluation:
    """Paint test photos in the manner of test paintings; what is measured says `evaluate_stylisation`.

    The photos are those of COCO, as for every family that stylises, so that their numbers compare. Landscapes are there
    to learn from: an even sky has little content of its own, and any stroke on it is a large distance.

    Raises
    ------
    BadInputError
        When there are no test photos or no test paintings.
    """
    asked = settings.evaluation
    photos = Gallery.of_test_split(inputs.coco, asked.photos, asked.size)
    paintings = Gallery.of_test_split(inputs.van_gogh, asked.paintings, asked.size)
    paint = painter(ArbitraryStylizer(model, spec), paintings)
    judge = Judge(inputs.perceptual.architecture, Extractor(inputs.perceptual, threads=0))
    return evaluate_stylisation(paint, photos, paintings, judge, asked, cost_table(paint, model, spec, asked))


def painter(stylizer: ArbitraryStylizer, paintings: Gallery) -> Paint:
    """Paint in the manner of one of these, as `evaluate_stylisation` asks for it."""
    styles = [stylizer.statistics(np.asarray(painting)) for painting in paintings.pictures]

    def paint(photo: ImageArray, painting: int, strength: float) -> ImageArray:
        return stylizer.paint(photo, styles[painting], strength)

    return paint
