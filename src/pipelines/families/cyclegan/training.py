"""Training from prepared photos and paintings to a final checkpoint. A killed training is resumed."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf

from pipelines.families.cyclegan.batches import batches
from pipelines.families.cyclegan.discriminator import build_discriminator
from pipelines.families.cyclegan.generators import build_generator
from pipelines.families.cyclegan.optimizers import make_optimizers
from pipelines.families.cyclegan.perception import PerceptualNetwork
from pipelines.families.cyclegan.progress import Progress
from pipelines.families.cyclegan.settings import CycleGanInputs, CycleGanSettings, ModelSettings
from pipelines.families.cyclegan.step import CycleTrainer, Networks
from pipelines.lifecycle.contracts import MetricLog, fingerprint
from pipelines.training.on_tensorflow.hardware import Precision, precision, set_up, strategy
from pipelines.training.on_tensorflow.trainer import fit

ADVICE = "Lower training.generator_learning_rate and training.discriminator_learning_rate."


def train(inputs: CycleGanInputs, settings: CycleGanSettings, log: MetricLog, folder: Path) -> None:
    """Train and leave the final checkpoint in `folder`, see `pipelines.training.on_tensorflow.trainer.fit`."""
    set_up(settings.hardware)
    training, options = CycleTraining(inputs, settings), settings.training
    fit(training, options.epochs, options.sheet_every, fingerprint(inputs, settings), log, folder, ADVICE)


class CycleTraining:
    """The training of all networks for `fit`: see `pipelines.training.on_tensorflow.trainer.Training`."""

    def __init__(self, inputs: CycleGanInputs, settings: CycleGanSettings) -> None:
        self._settings = settings.training
        self._photos = inputs.landscapes.split("train")["image"]
        self._paintings = inputs.van_gogh.split("train")["image"]
        self._trainer = new_trainer(inputs, settings, precision(settings.hardware), strategy(settings.hardware))
        self._progress = Progress(inputs, settings.training)
        self.batch_size, self.steps = settings.training.batch_size, settings.training.steps
        self.state, self.step = self._trainer.state, self._trainer.step

    def batches(self, epoch: int) -> Iterator[tuple[Any, ...]]:
        """Random crops of photos and paintings, float32 (n, size, size, 3) each."""
        for photo, painting in batches(self._photos, self._paintings, self._settings, epoch):
            yield tf.constant(photo), tf.constant(painting)

    def validate(self) -> dict[str, float]:
        """See `Progress.measure`."""
        return self._progress.measure(self._trainer.networks)

    def sheets(self, epoch: int) -> dict[str, bytes]:
        """Validation photos, their translation, and the translation back."""
        return {"samples": self._progress.sheet(epoch)}

    def problem(self, metrics: Mapping[str, float], last: bool) -> str | None:  # noqa: ARG002
        """None: only a loss that is NaN or infinite stops this training."""
        return None

    def is_worth_keeping(self, metrics: Mapping[str, float]) -> bool:  # noqa: ARG002
        """True: every epoch is saved."""
        return True


def new_trainer(
    inputs: CycleGanInputs,
    settings: CycleGanSettings,
    precision: Precision = "float32",
    strategy: tf.distribute.Strategy | None = None,
) -> CycleTrainer:
    """Untrained networks. Their weights depend on the seed only.

    Parameters
    ----------
    strategy
        How batches are distributed over devices. None: there is one device.
    """
    perception = PerceptualNetwork(inputs.perceptual, settings.model.discriminator.features, precision)
    strategy = strategy or tf.distribute.get_strategy()
    with strategy.scope():
        networks = new_networks(settings.model, perception.channels, settings.training.seed, precision)
        optimizers = make_optimizers(networks, settings.training, precision)
    # Outside of the scope: the counters and the pools are not copied to every device.
    return CycleTrainer(networks, optimizers, perception, settings.training, strategy)


def new_networks(model: ModelSettings, features: Mapping[str, int], seed: int, precision: Precision) -> Networks:
    """All networks; see `build_generator` and `build_discriminator`."""

    def generator(name: str, number: int) -> Any:
        settings = model.to_painting if name.startswith("to_painting") else model.to_photo
        return build_generator(settings, seed + number, name, precision)

    def discriminator(name: str, number: int) -> Any:
        return build_discriminator(model.discriminator, features, seed + number, name, precision)

    return Networks(
        to_painting=generator("to_painting", 0),
        to_photo=generator("to_photo", 1),
        painting_discriminator=discriminator("painting_discriminator", 2),
        photo_discriminator=discriminator("photo_discriminator", 3),
        to_painting_average=generator("to_painting_average", 0),
        to_photo_average=generator("to_photo_average", 1),
    )
