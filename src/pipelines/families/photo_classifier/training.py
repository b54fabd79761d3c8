"""Training from prepared photos to a final checkpoint. A killed training is resumed."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from atelier.data.prepared.dataset import SplitName
from atelier.data.prepared.sampling import epoch_order
from atelier.evaluation.grids import image_grid
from pipelines.families.photo_classifier.model import build_network
from pipelines.families.photo_classifier.probe import set_probe
from pipelines.families.photo_classifier.settings import PhotoClassifierInputs, PhotoClassifierSettings
from pipelines.families.photo_classifier.step import PhotoTrainer, class_weights
from pipelines.lifecycle.contracts import MetricLog, fingerprint
from pipelines.training.calibration import fit_temperature
from pipelines.training.on_tensorflow.hardware import set_up
from pipelines.training.on_tensorflow.trainer import fit

SHEET_PHOTOS = 24


def train(inputs: PhotoClassifierInputs, settings: PhotoClassifierSettings, log: MetricLog, folder: Path) -> None:
    """Train and leave the final checkpoint in `folder`, see `pipelines.training.on_tensorflow.trainer.fit`."""
    set_up(settings.hardware)
    training = PhotoTraining(inputs, settings, folder)
    identity = fingerprint(inputs, settings)
    advice = "Lower training.learning_rate and training.head_learning_rate."
    sheet_every, count = settings.training.sheet_every, epochs(settings)
    fit(training, count, sheet_every, identity, log, folder, advice, training.has_stopped)


def epochs(settings: PhotoClassifierSettings) -> int:
    """Number of epochs. A probe has one without steps: it is finished when the training begins."""
    return 1 if settings.model.variant == "probe" else settings.training.epochs


class PhotoTraining:
    """The training of the network for `fit`: see `pipelines.training.on_tensorflow.trainer.Training`."""

    def __init__(self, inputs: PhotoClassifierInputs, settings: PhotoClassifierSettings, folder: Path) -> None:
        self._settings, self._photos = settings.training, inputs.photos
        self._train = inputs.photos.split("train")
        items = len(self._train["label"])
        self.batch_size = min(self._settings.batch_size, items)
        self.steps = steps_per_epoch(items, settings)
        self._trainer = new_trainer(inputs, settings, folder)
        self._exported = keras.models.clone_model(self._trainer.network)
        self.state, self.step = self._trainer.state, self._trainer.step

    def batches(self, epoch: int) -> Iterator[tuple[Any, ...]]:
        """Photos, labels, and the weight of mixup. They depend on the seed and the epoch."""
        seed, count = self._settings.seed, self.steps * self.batch_size
        order = epoch_order(len(self._train["label"]), seed, epoch - 1, count).reshape(self.steps, self.batch_size)
        alpha = self._settings.augmentation.mixup
        for row, index in enumerate(order):
            draw = np.random.default_rng((seed, epoch, row)).beta(alpha, alpha) if alpha else 1.0
            photos, labels = self._train["image"][index], self._train["label"][index].astype(np.int64)
            yield tf.constant(photos), tf.constant(labels), tf.constant(max(draw, 1 - draw), tf.float32)

    def validate(self) -> dict[str, float]:
        """Cross entropy and accuracy of the averaged weights on the validation photos, see `calibrated_loss`."""
        weights = self._trainer.current_weights()
        self._exported.set_weights(weights)
        logits, labels = predict_logits(self._exported, self._photos, "val")
        loss = calibrated_loss(logits, labels)
        self._trainer.stopping.update(loss, weights)
        return {"val_loss": loss, "val_top1": float((logits.argmax(1) == labels).mean())}

    def has_stopped(self) -> bool:
        """Whether validation has not improved for `training.patience` epochs."""
        return self._trainer.stopping.has_stopped

    def sheets(self, epoch: int) -> dict[str, bytes]:
        """Training photos as the network sees them in this epoch."""
        index = np.arange(min(SHEET_PHOTOS, len(self._train["label"])))
        photos = self._trainer.augmented(tf.constant(self._train["image"][index]), epoch).numpy().astype(np.uint8)
        names = [(self._photos.manifest.labels[label],) for label in self._train["label"][index]]
        return {"augmented": image_grid(list(photos), names, columns=6, cell=120, title=f"Epoch {epoch}: augmented")}

    def problem(self, metrics: Mapping[str, float], last: bool) -> str | None:  # noqa: ARG002
        """None: only a loss that is NaN or infinite stops this training."""
        return None

    def is_worth_keeping(self, metrics: Mapping[str, float]) -> bool:  # noqa: ARG002
        """True: every epoch is saved."""
        return True


def new_trainer(inputs: PhotoClassifierInputs, settings: PhotoClassifierSettings, folder: Path) -> PhotoTrainer:
    """The networks before the training, whose weights depend on data and settings only.

    Parameters
    ----------
    folder
        For the features and weights of the probe.
    """
    labels, train = inputs.photos.manifest.labels, inputs.photos.split("train")
    network, average = (
        build_network(len(labels), settings.model, inputs.backbone, settings.training.seed) for _ in range(2)
    )
    if settings.model.variant != "scratch":
        set_probe(network, train, settings.training, folder)
    steps = epochs(settings) * steps_per_epoch(len(train["label"]), settings)
    counts = [inputs.photos.manifest.counts["train"][label] for label in labels]
    weights = class_weights(counts, settings.training.class_weights)
    return PhotoTrainer(network, average, weights, steps, settings.training)


def steps_per_epoch(items: int, settings: PhotoClassifierSettings) -> int:
    """Number of batches in an epoch of a training split with so many items; a probe has none."""
    if settings.model.variant == "probe":
        return 0
    training = settings.training
    return max(1, (training.epoch_items or items) // min(training.batch_size, items))


def calibrated_loss(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Mean cross entropy with the temperature with which the network would be exported.

    Label smoothing and mixup make a network less sure than it is right. Without the temperature, tuning and early
    stopping would prefer networks that were trained without them.
    """
    scaled = logits / fit_temperature(logits[None], labels)
    return float(np.mean(keras.ops.sparse_categorical_crossentropy(labels, scaled, from_logits=True)))


def predict_logits(
    network: keras.Model, photos: Any, split: SplitName, batch: int = 32
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Logits (n, classes) and labels (n,) of a split, resized as the exported file does it."""
    fields, size = photos.split(split), network.input_shape[1:3]
    logits = [
        network(tf.image.resize(fields["image"][start : start + batch], size), training=False)["logits"].numpy()
        for start in range(0, len(fields["label"]), batch)
    ]
    return np.concatenate(logits), fields["label"][:].astype(np.int64)
