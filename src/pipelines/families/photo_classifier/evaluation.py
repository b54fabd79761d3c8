"""Evaluation of the exported classifier on the test split."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.data.prepared.dataset import ShardedArray
from atelier.evaluation.classification.disturbances import DISTURBANCES, disturbed
from atelier.evaluation.classification.evaluate import LabelMap, evaluate_classifier
from atelier.evaluation.classification.metrics import Ints, Predictions
from atelier.evaluation.classification.occlusion import occlusion, overlay
from atelier.evaluation.classification.predict import predict, worst_mistakes
from atelier.evaluation.grids import image_grid
from atelier.evaluation.results import Evaluation
from atelier.evaluation.unit_bootstrap import Units, mean_over_units
from atelier.model_card import Metric, ModelSpec
from atelier.onnx.model import OnnxModel
from atelier.predictors.classifier import Classifier
from pipelines.families.photo_classifier.settings import (
    EvaluationSettings,
    PhotoClassifierInputs,
    PhotoClassifierSettings,
)

BATCH = 32


def evaluate(
    inputs: PhotoClassifierInputs, model: OnnxModel, spec: ModelSpec, settings: PhotoClassifierSettings
) -> Evaluation:
    """Evaluate the ONNX file on all test photos. Labels of model and data are matched by name.

    Returns
    -------
    Evaluation
        As `evaluate_classifier`, with intervals over groups of photos, and with

        - metrics `top1_<disturbance>`: accuracy on photos after each of `DISTURBANCES`
        - metric `sure`: fraction of the test photos whose answers are not marked as unsure
        - metric `false_alarms`: the same of photos that show none of the classes, where there are such
        - pictures `worst_mistakes.png` and `looked_at.png`
    """
    options, test = settings.evaluation, inputs.photos.split("test")
    labels = LabelMap.match(spec.labels, inputs.photos.manifest.labels)
    truth = test["label"][:].astype(np.int64)
    outputs = labels.label_to_output[truth]
    predictions = predict(model, test["image"], outputs, BATCH)
    units = {"photos": test["group"][:].astype(np.uint64)} if "group" in test else {}
    evaluation = evaluate_classifier(
        predictions,
        truth,
        labels,
        test["id"][:],
        resamples=options.resamples,
        seed=options.seed,
        calibration_bins=options.calibration_bins,
        units=units,
    )
    metrics = dict(evaluation.metrics) | _disturbed(model, test, outputs, units, options)
    metrics |= _sure(model, inputs, spec, units, settings)
    pictures = dict(evaluation.pictures)
    pictures["worst_mistakes.png"] = worst_mistakes(test["image"], truth, predictions, labels, options.worst)
    pictures["looked_at.png"] = _looked_at(model, test["image"], predictions, spec, options.occlusion_photos)
    return replace(evaluation, metrics=metrics, pictures=pictures)


def _disturbed(
    model: OnnxModel, test: Mapping[str, ShardedArray], outputs: Ints, units: Units, options: EvaluationSettings
) -> dict[str, Metric]:
    """Metric `top1_<disturbance>` on the first test photos, which are a random sample."""
    count = min(options.disturbed_photos, len(outputs))
    photos, of_photos = test["image"][:count], {kind: unit[:count] for kind, unit in units.items()}
    found = {}
    for name in DISTURBANCES:
        changed = ShardedArray([np.stack([disturbed(photo, name) for photo in photos])])
        correct = predict(model, changed, outputs[:count], BATCH).correct.astype(np.float64)
        found[f"top1_{name}"] = mean_over_units(correct, of_photos, options.resamples, options.seed)
    return found


def _sure(
    model: OnnxModel,
    inputs: PhotoClassifierInputs,
    spec: ModelSpec,
    units: Units,
    settings: PhotoClassifierSettings,
) -> dict[str, Metric]:
    """Fractions of answers that are not marked as unsure, on test photos and on photos of something else."""
    options: dict[str, Any] = {"resamples": settings.evaluation.resamples, "seed": settings.evaluation.seed}
    photos = inputs.photos.split("test")["image"]
    found = {"sure": mean_over_units(_is_sure(model, spec, photos), units, **options)}
    if settings.unsure.unknown_photos:
        unknown = inputs.landscapes.split("test")["image"]
        found["false_alarms"] = mean_over_units(_is_sure(model, spec, unknown), {}, **options)
    return found


def _is_sure(model: OnnxModel, spec: ModelSpec, photos: ShardedArray) -> NDArray[np.float64]:
    """1 for each photo whose answer is not marked as unsure, else 0."""
    classifier = Classifier(model, spec)
    batches = (photos[start : start + BATCH] for start in range(0, len(photos), BATCH))
    return np.array([not answer.unsure for batch in batches for answer in classifier(batch, 1)], np.float64)


def _looked_at(model: OnnxModel, images: ShardedArray, predictions: Predictions, spec: ModelSpec, count: int) -> bytes:
    """Some test photos, and which parts of them the answer depends on."""
    shown: list[NDArray[np.uint8]] = []
    captions: list[tuple[str, ...]] = []
    for photo, output, confidence in zip(images[:count], predictions.predicted, predictions.confidence, strict=False):
        shown += [photo, overlay(photo, occlusion(model, photo, int(output)))]
        captions += [(f"{spec.labels[output]} {confidence:.0%}",), ("dark: does not matter",)]
    return image_grid(shown, captions, columns=4, cell=160, title="What the answer depends on")
