"""Evaluation of the exported generators on test photos and test paintings."""

from atelier.evaluation.results import Evaluation
from atelier.evaluation.stylization.metrics import ContentStyleDistance
from atelier.evaluation.stylization.pairs import ImageSet
from atelier.evaluation.translation.evaluate import FeatureNetworks, evaluate_translation
from atelier.model_card import ModelSpec
from atelier.onnx.model import OnnxModel
from atelier.predictors.translator import Translator
from atelier.preprocessing.spec import PhotoInput
from atelier.pretrained.backbones.extractor import BackboneExtractor
from atelier.pretrained.perceptual.extractor import Extractor
from pipelines.families.cyclegan.settings import CycleGanInputs, CycleGanSettings


def evaluate(
    inputs: CycleGanInputs, to_painting: OnnxModel, to_photo: OnnxModel, spec: ModelSpec, settings: CycleGanSettings
) -> Evaluation:
    """Translate test photos to paintings and back; see `evaluate_translation` for the metrics.

    Raises
    ------
    BadInputError
        When there are too few test photos or test paintings.
    """
    options = settings.evaluation
    photos = ImageSet.from_test_split(inputs.landscapes, options.photos, options.size)
    paintings = ImageSet.from_test_split(inputs.van_gogh, options.paintings, options.size)
    networks = FeatureNetworks(
        describe=BackboneExtractor(inputs.backbone, threads=0),
        content=ContentStyleDistance(inputs.perceptual.architecture, Extractor(inputs.perceptual, threads=0)),
    )
    assert isinstance(spec.preprocessing, PhotoInput)
    return evaluate_translation(
        Translator(to_painting, spec.preprocessing),
        Translator(to_photo, spec.preprocessing),
        photos,
        paintings,
        networks,
        options,
    )
