"""Evaluation of the exported network on test photos and test paintings, which are not in the training data."""

import numpy as np

from atelier.evaluation.results import Evaluation
from atelier.evaluation.stylization.cost import cost_table
from atelier.evaluation.stylization.evaluate import Stylize, evaluate_stylization
from atelier.evaluation.stylization.metrics import ContentStyleDistance
from atelier.evaluation.stylization.pairs import ImageSet
from atelier.model_card import ModelSpec
from atelier.onnx.model import OnnxModel
from atelier.predictors.stylizer import ArbitraryStylizer
from atelier.preprocessing.images import ImageArray
from atelier.pretrained.perceptual.extractor import Extractor
from pipelines.families.arbitrary_style.settings import ArbitraryStyleInputs, ArbitraryStyleSettings


def evaluate(
    inputs: ArbitraryStyleInputs, model: OnnxModel, spec: ModelSpec, settings: ArbitraryStyleSettings
) -> Evaluation:
    """Stylize test photos with test paintings; see `evaluate_stylization` for the metrics.

    All style transfer families are evaluated on photos of COCO, so that their metrics are comparable. Landscapes are
    used for training only: a clear sky has little content, so any stroke on it gives a large content distance.

    Raises
    ------
    BadInputError
        When there are no test photos or no test paintings.
    """
    options = settings.evaluation
    photos = ImageSet.from_test_split(inputs.coco, options.photos, options.size)
    paintings = ImageSet.from_test_split(inputs.van_gogh, options.paintings, options.size)
    stylize = bind_paintings(ArbitraryStylizer(model, spec), paintings)
    distance = ContentStyleDistance(inputs.perceptual.architecture, Extractor(inputs.perceptual, threads=0))
    cost = cost_table(stylize, model, spec, options)
    return evaluate_stylization(stylize, photos, paintings, distance, options, cost)


def bind_paintings(stylizer: ArbitraryStylizer, paintings: ImageSet) -> Stylize:
    """The function that stylizes photos with these paintings, for `evaluate_stylization`."""
    styles = [stylizer.statistics(np.asarray(painting)) for painting in paintings.images]

    def stylize(photo: ImageArray, painting: int, strength: float) -> ImageArray:
        return stylizer.stylize(photo, styles[painting], strength)

    return stylize
