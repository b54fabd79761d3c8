"""Predictions of an exported classifier, and the images that it gets wrong."""

import numpy as np

from atelier.data.prepared.dataset import ShardedArray
from atelier.errors import BadInputError
from atelier.evaluation.classification.evaluate import LabelMap
from atelier.evaluation.classification.metrics import Ints, Predictions, score_batch
from atelier.evaluation.grids import image_grid
from atelier.onnx.model import OnnxModel

BATCH = 512
"""Number of images that are classified at a time."""


def predict(model: OnnxModel, images: ShardedArray, truth: Ints, batch: int = BATCH) -> Predictions:
    """Classify the images batch by batch, so that memory does not grow with the number of images or classes.

    Parameters
    ----------
    images
        uint8 (n, …), as the model's input `image` takes them.
    truth
        int (n,): index of the model's output for the true class, -1 for a class that the model does not know.
    batch
        Number of images that are classified at a time.

    Raises
    ------
    BadInputError
        When there are no images, or the model returns NaN or infinity.
    """
    if not len(images):
        raise BadInputError("The test split has no images. Prepare more items.")
    return Predictions.concatenate(
        [
            score_batch(model(image=images[start : start + batch])["probabilities"], truth[start : start + batch])
            for start in range(0, len(images), batch)
        ]
    )


def worst_mistakes(images: ShardedArray, truth: Ints, predictions: Predictions, labels: LabelMap, worst: int) -> bytes:
    """A grid of the wrongly classified images with the highest confidence, as PNG bytes."""
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
    title = f"Most confident mistakes: {len(shown)} of {len(wrong):,} in {len(truth):,} test images"
    return image_grid(list(images[shown]), captions, columns=6, cell=140, title=title)
