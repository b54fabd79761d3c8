"""Evaluation of the exported model on the test split."""

import numpy as np

from atelier.evaluation.classification.evaluate import LabelMap, evaluate_classifier
from atelier.evaluation.classification.predict import predict
from atelier.evaluation.results import Evaluation
from atelier.model_card import ModelSpec
from atelier.onnx.model import OnnxModel
from tests.families.nearest_mean.settings import NearestMeanInputs, NearestMeanSettings


def evaluate(inputs: NearestMeanInputs, model: OnnxModel, spec: ModelSpec, settings: NearestMeanSettings) -> Evaluation:
    """Classification metrics on all test drawings. Labels of model and data are matched by name."""
    test = inputs.quickdraw.split("test")
    labels = LabelMap.match(spec.labels, inputs.quickdraw.manifest.labels)
    truth = test["label"][:].astype(np.int64)
    predictions = predict(model, test["image"], labels.label_to_output[truth])
    return evaluate_classifier(predictions, truth, labels, test["id"][:], **settings.evaluation.model_dump())
