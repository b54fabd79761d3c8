"""Training from prepared drawings to a final checkpoint. A killed training is resumed."""

from pathlib import Path

import numpy as np

from pipelines.lifecycle.contracts import MetricLog, fingerprint
from tests.families.nearest_mean.model import Means
from tests.families.nearest_mean.settings import NearestMeanInputs, NearestMeanSettings


def train(inputs: NearestMeanInputs, settings: NearestMeanSettings, log: MetricLog, folder: Path) -> None:
    """Add up the drawings of each class, one part of the split in each epoch, and log the validation accuracy."""
    identity, epochs = fingerprint(inputs, settings), settings.training.epochs
    train, val = inputs.quickdraw.split("train"), inputs.quickdraw.split("val")
    classes, pixels = len(inputs.quickdraw.manifest.labels), int(np.prod(train["image"].shape[1:]))
    means = Means.load(folder, identity) or Means(np.zeros((classes, pixels)), np.zeros(classes, np.int64))
    parts = np.array_split(np.arange(len(train["label"])), epochs)
    for epoch in range(means.epoch + 1, epochs + 1):
        means.add(train["image"][parts[epoch - 1]], train["label"][parts[epoch - 1]])
        means.epoch = epoch
        predicted = means.probabilities(val["image"][:], settings.model.sharpness)["probabilities"].argmax(1)
        log({"val_top1": float((predicted == val["label"][:]).mean())}, epoch)
        means.save(folder, identity)
