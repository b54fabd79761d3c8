"""How good the exported model is on the test split."""

import numpy as np

from atelier.evaluation.classification.evaluate import Classes, evaluate_classifier
from atelier.evaluation.classification.metrics import judge
from atelier.evaluation.results import Evaluation
from atelier.model_card import ModelSpec
from atelier.onnx.model import OnnxModel
from tests.families.nearest_mean.settings import NearestMeanInputs, NearestMeanSettings


def evaluate(inputs: NearestMeanInputs, model: OnnxModel, spec: ModelSpec, settings: NearestMeanSettings) -> Evaluation:
    """Accuracy and its kin on every test drawing; labels of model and data are matched by name."""
    test = inputs.quickdraw.split("test")
    classes = Classes.match(spec.labels, inputs.quickdraw.manifest.labels)
    truth = test["label"][:].astype(np.int64)
    answers = judge(model(image=test["image"][:])["probabilities"], classes.output_of[truth])
    return evaluate_classifier(answers, truth, classes, test["id"][:], **settings.evaluation.model_dump())
