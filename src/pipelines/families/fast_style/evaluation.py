"""Evaluation of the exported network on the test photos, in the styles that it was trained for."""

from atelier.evaluation.results import Evaluation
from atelier.evaluation.stylization.cost import cost_table
from atelier.evaluation.stylization.evaluate import Stylize, evaluate_stylization
from atelier.evaluation.stylization.metrics import ContentStyleDistance
from atelier.evaluation.stylization.pairs import ImageSet
from atelier.model_card import ModelSpec
from atelier.onnx.model import OnnxModel
from atelier.predictors.stylizer import FastStylizer
from atelier.preprocessing.images import ImageArray
from atelier.pretrained.perceptual.extractor import Extractor
from pipelines.families.fast_style.settings import FastStyleInputs, FastStyleSettings
from pipelines.families.fast_style.styles import select_styles


def evaluate(inputs: FastStyleInputs, model: OnnxModel, spec: ModelSpec, settings: FastStyleSettings) -> Evaluation:
    """Stylize the test photos in every style of the settings; see `evaluate_stylization` for the metrics.

    Styles of model and settings are matched by name. A style that the model does not know leaves the photo unchanged.

    Raises
    ------
    BadInputError
        When there are no test photos, or the paintings of the settings are not found.
    """
    options = settings.evaluation
    styles = select_styles(inputs.van_gogh, settings.styles)
    photos = ImageSet.from_test_split(inputs.coco, options.photos, options.size)
    paintings = ImageSet.from_images(
        [style.painting for style in styles], [style.item for style in styles], options.size, [s.name for s in styles]
    )
    stylize = bind_styles(FastStylizer(model, spec), paintings.names)
    distance = ContentStyleDistance(inputs.perceptual.architecture, Extractor(inputs.perceptual, threads=0))
    cost = cost_table(stylize, model, spec, options)
    return evaluate_stylization(stylize, photos, paintings, distance, options, cost)


def bind_styles(stylizer: FastStylizer, names: tuple[str, ...]) -> Stylize:
    """The function that stylizes photos in these styles, for `evaluate_stylization`."""

    def stylize(photo: ImageArray, painting: int, strength: float) -> ImageArray:
        name = names[painting]
        return stylizer.stylize(photo, {name: strength}) if name in stylizer.styles else photo

    return stylize
