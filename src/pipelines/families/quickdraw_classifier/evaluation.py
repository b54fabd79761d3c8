"""Evaluation of the exported classifier on the test split."""

from dataclasses import replace

import numpy as np

from atelier.evaluation.bootstrap import bootstrap_mean
from atelier.evaluation.classification.evaluate import LabelMap, evaluate_classifier
from atelier.evaluation.classification.predict import predict, worst_mistakes
from atelier.evaluation.results import Evaluation
from atelier.model_card import ModelSpec
from atelier.onnx.model import OnnxModel
from pipelines.families.quickdraw_classifier.settings import ClassifierInputs, ClassifierSettings


def evaluate(inputs: ClassifierInputs, model: OnnxModel, spec: ModelSpec, settings: ClassifierSettings) -> Evaluation:
    """Evaluate the ONNX file on all test drawings.

    Labels of model and data are matched by name, so that an old champion can be evaluated on new data. A drawing of a
    class that the model does not know counts as wrong.

    Returns
    -------
    Evaluation
        As `evaluate_classifier`, with the additional picture `worst_mistakes.png`, and the metric `unsure`: the
        fraction of drawings for which the model is unsure.
    """
    test = inputs.quickdraw.split("test")
    labels = LabelMap.match(spec.labels, inputs.quickdraw.manifest.labels)
    truth = test["label"][:].astype(np.int32)
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
    metrics = evaluation.metrics
    if spec.unsure_below is not None:
        unsure = (predictions.confidence < spec.unsure_below).astype(np.float64)
        metrics = {**metrics, "unsure": bootstrap_mean(unsure, settings.evaluation.resamples, settings.evaluation.seed)}
    worst = worst_mistakes(test["image"], truth, predictions, labels, settings.evaluation.worst)
    return replace(evaluation, metrics=metrics, pictures={**evaluation.pictures, "worst_mistakes.png": worst})
