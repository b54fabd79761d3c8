"""Training from prepared photos and paintings to a final checkpoint. A killed training is resumed."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf

from atelier.data.prepared.sampling import epoch_order
from pipelines.families.fast_style.batches import draw_batch
from pipelines.families.fast_style.model import build_network
from pipelines.families.fast_style.progress import Progress
from pipelines.families.fast_style.settings import FastStyleInputs, FastStyleSettings
from pipelines.families.fast_style.step import StyleTrainer
from pipelines.families.fast_style.styles import resized, select_styles
from pipelines.lifecycle.contracts import MetricLog, fingerprint
from pipelines.training.on_tensorflow.hardware import Precision, precision, set_up
from pipelines.training.on_tensorflow.perceptual import FeatureExtractor
from pipelines.training.on_tensorflow.trainer import fit


def train(inputs: FastStyleInputs, settings: FastStyleSettings, log: MetricLog, folder: Path) -> None:
    """Train and leave the final checkpoint in `folder`, see `pipelines.training.on_tensorflow.trainer.fit`.

    Raises
    ------
    BadInputError
        When the paintings cannot be chosen.
    """
    set_up(settings.hardware)
    training, options = StyleTraining(inputs, settings), settings.training
    identity = fingerprint(inputs, settings)
    fit(training, options.epochs, options.sheet_every, identity, log, folder, "Lower training.learning_rate.")


class StyleTraining:
    """The training of the network for `fit`: see `pipelines.training.on_tensorflow.trainer.Training`."""

    def __init__(self, inputs: FastStyleInputs, settings: FastStyleSettings) -> None:
        self._settings = settings.training
        self._photos = inputs.coco.split("train")["image"]
        self._trainer = new_trainer(inputs, settings, precision(settings.hardware))
        self._progress = Progress(
            inputs.coco,
            select_styles(inputs.van_gogh, settings.styles),
            settings.training.val_items,
            settings.training.size,
        )
        self.batch_size, self.steps = settings.training.batch_size, settings.training.steps
        self.state, self.step = self._trainer.state, self._trainer.step

    def batches(self, epoch: int) -> Iterator[tuple[Any, ...]]:
        """Random crops, float32 (n, size, size, 3), and a random style for each, int64 (n,)."""
        settings, count = self._settings, self.steps * self.batch_size
        order = epoch_order(len(self._photos), settings.seed, epoch - 1, count).reshape(self.steps, self.batch_size)
        for row, index in enumerate(order):
            seed = (settings.seed, (epoch - 1) * self.steps + row)
            image, style = draw_batch(
                self._photos, index, self._trainer.styles, settings.size, settings.augmentation, seed
            )
            yield tf.constant(image), tf.constant(style)

    def validate(self) -> dict[str, float]:
        """Losses on the validation photos in every style, see `Progress.measure`."""
        return self._progress.measure(self._trainer)

    def sheets(self, epoch: int) -> dict[str, bytes]:
        """The validation photos in every style."""
        return {"samples": self._progress.sheet(epoch)}

    def problem(self, metrics: Mapping[str, float], last: bool) -> str | None:  # noqa: ARG002
        """None: only a loss that is NaN or infinite stops this training."""
        return None

    def is_worth_keeping(self, metrics: Mapping[str, float]) -> bool:  # noqa: ARG002
        """True: every epoch is saved."""
        return True


def new_trainer(inputs: FastStyleInputs, settings: FastStyleSettings, precision: Precision = "float32") -> StyleTrainer:
    """An untrained network, whose weights depend on the seed only, with the styles that it learns."""
    styles = select_styles(inputs.van_gogh, settings.styles)
    features = inputs.perceptual if settings.model.perceptual_features else None
    network = build_network(len(styles), settings.model, settings.training.seed, precision, features)
    paintings = [resized(style.painting, settings.styles.size) for style in styles]
    return StyleTrainer(network, FeatureExtractor(inputs.perceptual, precision=precision), paintings, settings.training)
