"""The training step, as a Lightning module: losses, optimizer, schedule, averaged weights."""

from collections.abc import Mapping
from typing import Any

import lightning
import numpy as np
import torch
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, update_bn

from atelier.data.prepared.dataset import ShardedArray
from atelier.data.prepared.sampling import epoch_order
from pipelines.families.quickdraw_classifier.augmentation import Augmentation, mixup
from pipelines.families.quickdraw_classifier.losses import classification_losses
from pipelines.families.quickdraw_classifier.model import DrawingNet
from pipelines.families.quickdraw_classifier.settings import TrainingSettings
from pipelines.training.losses import weighted_sum
from pipelines.training.on_torch.batches import Batches
from pipelines.training.on_torch.schedule import WarmupCosine

Split = Mapping[str, ShardedArray]

STATISTICS_ITEMS = 2048
"""Number of training drawings from which the batch statistics of the averaged network are computed."""


class ClassifierTrainer(lightning.LightningModule):
    """Train `network` and compute the moving average of its weights, which is validated and exported.

    The random numbers of a step depend on (seed, epoch, batch) only. Training that resumes from a checkpoint therefore
    uses the same drawings, augmented in the same way, as training that was never stopped.

    Parameters
    ----------
    network
        float32 (n, 1, 28, 28) in 0..1 → logits (n, classes).
    train, val
        The splits, with fields `image` and `label`.
    settings
        Parameters of augmentation, losses, optimizer and schedule.
    """

    def __init__(self, network: DrawingNet, train: Split, val: Split, settings: TrainingSettings) -> None:
        super().__init__()
        # Convolutions of this size are fastest in the channels-last layout, on CPU and GPU.
        self.network: DrawingNet = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # gap in stubs
        self.average = AveragedModel(network, multi_avg_fn=_moving_average(settings.average_decay))
        self.augment = Augmentation(**settings.augmentation.model_dump(exclude={"mixup"}))
        self.settings = settings
        self._splits = {"train": train, "val": val}
        self._batch_size = min(settings.batch_size, len(train["label"]))
        items = settings.epoch_items or len(train["label"])
        self.epoch_items = max(1, items // self._batch_size) * self._batch_size

    def train_dataloader(self) -> Batches:
        train = self._splits["train"]
        order = epoch_order(len(train["label"]), self.settings.seed, self.current_epoch, self.epoch_items)
        return Batches(train, order, self._batch_size)

    def val_dataloader(self) -> Batches:
        val = self._splits["val"]
        return Batches(val, np.arange(len(val["label"])), 2 * self._batch_size)

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        images, labels = batch
        rng = np.random.default_rng((self.settings.seed, self.current_epoch, batch_idx))
        targets = functional.one_hot(labels, self.network.head.out_features).float()
        inputs, targets = mixup(self.augment(scaled(images), rng), targets, self.settings.augmentation.mixup, rng)
        losses = classification_losses(self.network(inputs).float(), targets, self.settings.label_smoothing)
        total: Tensor = weighted_sum(losses, self.settings.losses.model_dump())
        self.log("train_loss", total, on_step=False, on_epoch=True, batch_size=len(labels))
        return total

    def on_train_batch_end(self, outputs: Any, batch: Any, batch_idx: int) -> None:  # noqa: ARG002  Lightning's names
        self.average.update_parameters(self.network)

    def on_validation_start(self) -> None:
        """Compute the batch statistics of the averaged network on drawings without augmentation.

        The statistics from training do not fit the averaged weights (Izmailov et al., 2018) and drawings without
        augmentation (Touvron et al., 2019); with them, accuracy is 0.5 % lower. The first rows of the split are a
        random sample, because it is ordered by a hash.
        """
        sample = np.arange(min(STATISTICS_ITEMS, len(self._splits["train"]["label"])))
        batches = Batches(self._splits["train"], sample, self._batch_size)
        update_bn((scaled(images) for images, _ in batches), self.average, self.device)

    def validation_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> None:  # noqa: ARG002
        images, labels = batch
        logits = self.average(scaled(images)).float()
        self.log("val_loss", functional.cross_entropy(logits, labels), batch_size=len(labels))
        self.log("val_top1", (logits.argmax(1) == labels).float().mean(), batch_size=len(labels))

    def configure_optimizers(self) -> OptimizerLRScheduler:
        # Weight decay of biases and norms does not regularize the network.
        weights = [parameter for parameter in self.network.parameters() if parameter.ndim > 1]
        others = [parameter for parameter in self.network.parameters() if parameter.ndim <= 1]
        groups: list[dict[str, Any]] = [
            {"params": weights, "weight_decay": self.settings.weight_decay},
            {"params": others},
        ]
        optimizer = torch.optim.SGD(groups, self.settings.learning_rate, self.settings.momentum, nesterov=True)
        total = self.settings.epochs * self.epoch_items // self._batch_size
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, WarmupCosine(total, self.settings.warmup_steps))
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def scaled(images: Tensor) -> Tensor:
    """uint8 (n, 28, 28) in 0..255 → float32 (n, 1, 28, 28) in 0..1, the input of the network."""
    return images.unsqueeze(1).to(torch.float32) / 255


def _moving_average(decay: float) -> Any:
    """Exponential moving average. The decay is smaller in the first steps, to forget the initial weights soon."""

    def update(averages: list[Tensor], currents: list[Tensor], count: Tensor) -> None:
        steps = float(count)
        torch._foreach_lerp_(averages, currents, 1 - min(decay, (1 + steps) / (10 + steps)))

    return torch.no_grad()(update)
