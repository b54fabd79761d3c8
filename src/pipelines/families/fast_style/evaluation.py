"""How well the styles are painted: asked of the ONNX file, on the test photos."""

from atelier.evaluation.results import Evaluation
from atelier.evaluation.stylization.cost import cost_table
from atelier.evaluation.stylization.evaluate import Paint, evaluate_stylisation
from atelier.evaluation.stylization.metrics import Judge
from atelier.evaluation.stylization.pairs import Gallery
from atelier.model_card import ModelSpec
from atelier.onnx.model import OnnxModel
from atelier.predictors.stylizer import FastStylizer
from atelier.preprocessing.images import ImageArray
from atelier.pretrained.perceptual.extractor import Extractor
from pipelines.families.fast_style.settings import FastStyleInputs, FastStyleSettings
from pipelines.families.fast_style.styles import choose


def evaluate(inputs: FastStyleInputs, model: OnnxModel, spec: ModelSpec, settings: FastStyleSettings) -> Evaluation:
    """Paint the test photos in every style of the settings; what is measured says `evaluate_stylisation`.

    Styles of model and settings are matched by name. One that the model does not know leaves the photo as it is.

    Raises
    ------
    BadInputError
        When there are no test photos, or the paintings cannot be chosen.
    """
    asked = settings.evaluation
    styles = choose(inputs.van_gogh, settings.styles)
    photos = Gallery.of_test_split(inputs.coco, asked.photos, asked.size)
    paintings = Gallery.hang(
        [style.painting for style in styles], [style.item for style in styles], asked.size, [s.name for s in styles]
    )
    paint = painter(FastStylizer(model, spec), paintings.names)
    judge = Judge(inputs.perceptual.architecture, Extractor(inputs.perceptual, threads=0))
    return evaluate_stylisation(paint, photos, paintings, judge, asked, cost_table(paint, model, spec, asked))


def painter(stylizer: FastStylizer, names: tuple[str, ...]) -> Paint:
    """Paint with one of these styles, as `evaluate_stylisation` asks for it."""

    def paint(photo: ImageArray, painting: int, strength: float) -> ImageArray:
        name = names[painting]
        return stylizer.paint(photo, {name: strength}) if name in stylizer.styles else photo

    return paint
