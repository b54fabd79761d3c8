"""Evaluation of the exported classifier on the test split."""

from dataclasses import replace

import numpy as np

from atelier.data.prepared.dataset import ShardedArray
from atelier.errors import BadInputError
from atelier.evaluation.classification.evaluate import LabelMap, evaluate_classifier
from atelier.evaluation.classification.metrics import Ints, Predictions, score_batch
from atelier.evaluation.grids import image_grid
from atelier.evaluation.results import Evaluation
from atelier.model_card import ModelSpec
from atelier.onnx.model import OnnxModel
from pipelines.families.quickdraw_classifier.settings import ClassifierInputs, ClassifierSettings

BATCH = 512
"""Number of drawings that are classified at a time."""


def evaluate(inputs: ClassifierInputs, model: OnnxModel, spec: ModelSpec, settings: ClassifierSettings) -> Evaluation:
    """Evaluate the ONNX file on all test drawings.

    Labels of model and data are matched by name, so that an old champion can be evaluated on new data. A drawing of a
    class that the model does not know counts as wrong.

    Returns
    -------
    Evaluation
        As `evaluate_classifier`, with the additional picture `worst_mistakes.png`.
    """
    test = inputs.quickdraw.split("test")
    labels = LabelMap.match(spec.labels, inputs.quickdraw.manifest.labels)
    truth = test["label"][:].astype(np.int64)
    predictions = predict(model, test["image"], labels.label_to_output[truth])
    evaluation = evaluate_classifier(
        predictions,
        truth,
        labels,
        test["id"][:],
        resamples=settings.evaluation.resamples,
        seed=settings.evaluation.seed,
        calibration_bins=settings.evaluation.calibration_bins,
    )
    worst = worst_mistakes(test["image"], truth, predictions, labels, settings.evaluation.worst)
    return replace(evaluation, pictures={**evaluation.pictures, "worst_mistakes.png": worst})


def predict(model: OnnxModel, images: ShardedArray, truth: Ints) -> Predictions:
    """Classify the drawings batch by batch, so that memory does not grow with the number of drawings or classes.

    Parameters
    ----------
    images
        uint8 (n, 28, 28).
    truth
        int (n,): index of the model's output for the true class, -1 for a class that the model does not know.

    Raises
    ------
    BadInputError
        When there are no drawings, or the model returns NaN or infinity.
    """
    if not len(images):
        raise BadInputError("The test split has no drawings. Prepare more items per category.")
    return Predictions.concatenate(
        [
            score_batch(model(image=images[start : start + BATCH])["probabilities"], truth[start : start + BATCH])
            for start in range(0, len(images), BATCH)
        ]
    )


def worst_mistakes(images: ShardedArray, truth: Ints, predictions: Predictions, labels: LabelMap, worst: int) -> bytes:
    """A grid of the wrongly classified drawings with the highest confidence, as PNG bytes."""
    wrong = np.flatnonzero(~predictions.correct)
    shown = wrong[np.argsort(-predictions.confidence[wrong], kind="stable")[:worst]]
    predicted = labels.output_to_label[predictions.predicted]
    captions = [
        (
            f"predicted {labels.names[predicted[item]]} {predictions.confidence[item]:.0%}",
            f"is {labels.names[truth[item]]}",
        )
        for item in shown
    ]
    title = f"Most confident mistakes: {len(shown)} of {len(wrong):,} in {len(truth):,} test drawings"
    return image_grid(list(images[shown]), captions, columns=6, cell=140, title=title)
