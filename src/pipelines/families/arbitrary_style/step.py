"""The training step, as a Lightning module: losses, optimizer, schedule."""

import lightning
import numpy as np
import torch
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor

from atelier.evaluation.grids import image_grid
from pipelines.families.arbitrary_style.batches import FixedPairs, Images, RandomPairs, resized
from pipelines.families.arbitrary_style.model import StyleNet
from pipelines.families.arbitrary_style.settings import ArbitraryStyleInputs, TrainingSettings
from pipelines.training.losses import weighted_sum
from pipelines.training.on_torch import tensor_ops
from pipelines.training.on_torch.muon import Muon
from pipelines.training.on_torch.schedule import WarmupCosine
from pipelines.training.style_transfer import MAX_SHIFT, style_losses

SHEET_PHOTOS, SHEET_PAINTINGS = 4, 5
"""Number of photos and paintings on the sheet."""
SHIFT_STREAM = 1
"""Part of the seed of the random shift, so that its random numbers differ from those of the pairs."""


class StyleTrainer(lightning.LightningModule):
    """Train `network` on random pairs of a photo and a painting.

    The random numbers of a step depend on (seed, epoch, batch) only. Training that resumes from a checkpoint therefore
    uses the same pairs as training that was never stopped.

    Parameters
    ----------
    network
        An untrained network. `StyleNet.fit_scales` must be called before the first step.
    inputs
        Photos (COCO and landscapes), paintings, and the perceptual network.
    settings
        Parameters of augmentation, losses, optimizer and schedule.

    Raises
    ------
    BadInputError
        When a split has no images.
    """

    def __init__(self, network: StyleNet, inputs: ArbitraryStyleInputs, settings: TrainingSettings) -> None:
        super().__init__()
        # Convolutions of this size are fastest in the channels-last layout, on CPU and GPU.
        self.network: StyleNet = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # gap in stubs
        self.settings = settings
        self.register_buffer("content_factor", torch.ones(()))
        self.photos = {split: Images(split, inputs.coco, inputs.landscapes) for split in ("train", "val")}
        self.paintings = {split: Images(split, inputs.van_gogh) for split in ("train", "val")}
        self.epoch_items = settings.steps * settings.batch_size
        self._architecture = inputs.perceptual.architecture

    def train_dataloader(self) -> RandomPairs:
        photos, paintings = self.photos["train"], self.paintings["train"]
        return RandomPairs(photos, paintings, self.settings, self.current_epoch, self.settings.steps)

    def val_dataloader(self) -> FixedPairs:
        return FixedPairs(self.photos["val"], self.paintings["val"], self.settings)

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        rng = np.random.default_rng((self.settings.seed, self.current_epoch, batch_idx, SHIFT_STREAM))
        offset: tuple[int, int] = tuple(rng.integers(0, 2 * MAX_SHIFT, 2))
        losses, factor = self._losses(*batch, offset), self.get_buffer("content_factor")
        scaled = {**losses, "content": factor.clone() * losses["content"]}
        total: Tensor = weighted_sum(scaled, self.settings.losses.model_dump())
        constraint = self.settings.content_constraint
        if constraint and self.current_epoch >= constraint.start_epoch:
            factor.fill_(constraint.update(float(factor), float(losses["content"])))
        logged = {f"train_{name}": loss for name, loss in losses.items()} | {"train_loss": total}
        self.log_dict(logged, on_step=False, on_epoch=True, batch_size=len(batch[0]))
        return total

    def validation_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> None:  # noqa: ARG002  Lightning's names
        losses = self._losses(*batch)
        # Without the weights of the losses, to compare trials with different weights.
        distance = losses["content"] + losses["style"]
        logged = {"val_content": losses["content"], "val_style": losses["style"], "val_distance": distance}
        self.log_dict(logged, batch_size=len(batch[0]))

    def _losses(self, photos: Tensor, paintings: Tensor, offset: tuple[int, int] | None = None) -> dict[str, Tensor]:
        network = self.network
        photos, paintings = (images.contiguous(memory_format=torch.channels_last) for images in (photos, paintings))
        with torch.no_grad():  # the encoder is frozen
            photo_features, painting_features = network.encoder(photos), network.encoder(paintings)
            source, target = network.statistics(photo_features), network.statistics(painting_features)
        images = network.decode(photo_features, source, target)
        shifted = images
        if offset is not None:
            shifted = tensor_ops.shifted(images, offset)
            with torch.no_grad():
                photo_features = network.encoder(tensor_ops.shifted(photos, offset))
        features = network.encoder(shifted)
        with torch.autocast(images.device.type, enabled=False):
            grams = {layer: tensor_ops.gram(painting_features[layer]) for layer in self._architecture.style_layers}
            return style_losses(images, features, photo_features, grams, self._architecture, tensor_ops)

    def sheets(self, epoch: int) -> dict[str, bytes]:
        """A sheet of stylized validation photos, after every `sheet_every` epochs and after the last epoch."""
        if epoch % self.settings.sheet_every and epoch != self.settings.epochs:
            return {}
        size = self.settings.size
        photos = torch.cat([resized(image, size) for image in self.photos["val"].evenly_spaced(SHEET_PHOTOS)])
        paintings = torch.cat([resized(image, size) for image in self.paintings["val"].evenly_spaced(SHEET_PAINTINGS)])
        rows = [torch.cat([torch.full_like(photos[:1], 255), photos])]
        rows += [torch.cat([painting[None], self._stylize(photos, painting)]) for painting in paintings]
        cells = torch.cat(rows).round().byte().permute(0, 2, 3, 1).numpy()
        title = f"Epoch {epoch}: validation photos across, paintings down"
        return {"samples": image_grid(list(cells), columns=1 + len(photos), cell=size, title=title)}

    @torch.no_grad()
    def _stylize(self, photos: Tensor, painting: Tensor) -> Tensor:
        """Photos (n, 3, height, width) in the style of one painting (3, height, width)."""
        photos, network = photos.to(self.device), self.network
        style = network.statistics(network.encoder(painting[None].to(self.device)))
        styles = style.expand(len(photos), -1)
        images: Tensor = network(photos, styles, torch.ones(len(photos), device=self.device))[0]
        return images.cpu()

    def configure_optimizers(self) -> OptimizerLRScheduler:
        settings = self.settings
        optimizer = Muon(self.network, self.network.output, settings.learning_rate)
        total = settings.epochs * settings.steps
        factor = WarmupCosine(total, settings.warmup_steps, settings.final_learning_rate_fraction)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}
