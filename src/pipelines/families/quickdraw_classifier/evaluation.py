"""How good the exported classifier is on the test split, and where it goes wrong."""

from dataclasses import replace

import numpy as np

from atelier.data.prepared.dataset import ShardedArray
from atelier.errors import BadInputError
from atelier.evaluation.classification.evaluate import Classes, evaluate_classifier
from atelier.evaluation.classification.metrics import Answers, Ints, judge
from atelier.evaluation.grids import image_grid
from atelier.evaluation.results import Evaluation
from atelier.model_card import ModelSpec
from atelier.onnx.model import OnnxModel
from pipelines.families.quickdraw_classifier.settings import ClassifierInputs, ClassifierSettings

BATCH = 512


def evaluate(inputs: ClassifierInputs, model: OnnxModel, spec: ModelSpec, settings: ClassifierSettings) -> Evaluation:
    """Judge the ONNX file on every test drawing.

    Labels of model and data are matched by name, so that an old champion can be judged on new data: a drawing of a
    class that it does not know counts as wrong.

    Returns
    -------
    Evaluation
        As `evaluate_classifier`, and `worst_mistakes.png`.
    """
    test = inputs.quickdraw.split("test")
    classes = Classes.match(spec.labels, inputs.quickdraw.manifest.labels)
    truth = test["label"][:].astype(np.int64)
    answers = answer(model, test["image"], classes.output_of[truth])
    evaluation = evaluate_classifier(
        answers,
        truth,
        classes,
        test["id"][:],
        resamples=settings.evaluation.resamples,
        seed=settings.evaluation.seed,
        calibration_bins=settings.evaluation.calibration_bins,
    )
    worst = worst_mistakes(test["image"], truth, answers, classes, settings.evaluation.worst)
    return replace(evaluation, pictures={**evaluation.pictures, "worst_mistakes.png": worst})


def answer(model: OnnxModel, images: ShardedArray, truth: Ints) -> Answers:
    """Ask the model batch by batch; memory does not grow with the number of drawings or classes.

    Parameters
    ----------
    images
        uint8 (n, 28, 28).
    truth
        (n,) output of the true class, -1 where the model does not know it.

    Raises
    ------
    BadInputError
        When there are no drawings, or the model answers with NaN.
    """
    if not len(images):
        raise BadInputError("The test split has no drawings. Prepare more items per category.")
    return Answers.concatenate(
        [
            judge(model(image=images[start : start + BATCH])["probabilities"], truth[start : start + BATCH])
            for start in range(0, len(images), BATCH)
        ]
    )


def worst_mistakes(images: ShardedArray, truth: Ints, answers: Answers, classes: Classes, worst: int) -> bytes:
    """A sheet of the drawings that the model got wrong with the most confidence, as PNG bytes."""
    wrong = np.flatnonzero(~answers.correct)
    chosen = wrong[np.argsort(-answers.confidence[wrong], kind="stable")[:worst]]
    said = classes.of_output[answers.prediction]
    captions = [
        (f"said {classes.names[said[item]]} {answers.confidence[item]:.0%}", f"is {classes.names[truth[item]]}")
        for item in chosen
    ]
    title = f"Most confident mistakes: {len(chosen)} of {len(wrong):,}, among {len(truth):,} test drawings"
    return image_grid(list(images[chosen]), captions, columns=6, cell=140, title=title)
