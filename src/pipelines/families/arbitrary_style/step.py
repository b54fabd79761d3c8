"""The training step as Lightning runs it: losses, optimiser, schedule."""

from typing import Any

import lightning
import numpy as np
import torch
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor
from torch.nn import functional

from atelier.evaluation.grids import image_grid
from atelier.pretrained.perceptual.layers import Architecture
from pipelines.families.arbitrary_style.batches import FixedPairs, Images, RandomPairs, resized
from pipelines.families.arbitrary_style.losses import stylisation_losses
from pipelines.families.arbitrary_style.model import StyleNet
from pipelines.families.arbitrary_style.settings import TrainingSettings
from pipelines.training.losses import weighted_sum
from pipelines.training.on_torch.muon import Muon
from pipelines.training.on_torch.schedule import WarmupCosine
from pipelines.training.style_transfer import FARTHEST_SHIFT

SHEET_PHOTOS, SHEET_PAINTINGS = 4, 5
OFFSETS = 1
"""Marks their stream of chance: that of the same step's pairs would begin with the same numbers."""


class StyleTraining(lightning.LightningModule):
    """Train `network` on random pairs of a photo and a painting.

    All chance of a step is drawn from (seed, epoch, batch): training that goes on from a checkpoint at the end of an
    epoch meets the same pairs as training that was never stopped.

    Parameters
    ----------
    network
        Its scales are known already.
    architecture
        Of the perceptual network, whose taps make style and content.
    photos, paintings
        Of the splits `train` and `val`.
    settings
        The recipe.
    made_from
        Written into each checkpoint, so that one of another run is not taken up.
    """

    def __init__(
        self,
        network: StyleNet,
        architecture: Architecture,
        photos: dict[str, Images],
        paintings: dict[str, Images],
        settings: TrainingSettings,
        made_from: dict[str, Any],
    ) -> None:
        super().__init__()
        # Channels last: the layout in which CPU and GPU convolutions of this size run fastest.
        self.network: StyleNet = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # gap in stubs
        self.settings = settings
        self.register_buffer("content_factor", torch.ones(()))
        self.made_from = made_from
        self._architecture = architecture
        self._photos = photos
        self._paintings = paintings
        self._batches = max(1, settings.epoch_items // settings.batch_size)
        self.epoch_items = self._batches * settings.batch_size

    def train_dataloader(self) -> RandomPairs:
        photos, paintings = self._photos["train"], self._paintings["train"]
        return RandomPairs(photos, paintings, self.settings, self.current_epoch, self._batches)

    def val_dataloader(self) -> FixedPairs:
        return FixedPairs(self._photos["val"], self._paintings["val"], self.settings)

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        chance = np.random.default_rng((self.settings.seed, self.current_epoch, batch_idx, OFFSETS))
        offset: tuple[int, int] = tuple(chance.integers(0, 2 * FARTHEST_SHIFT, 2))
        losses, factor = self._losses(*batch, offset), self.get_buffer("content_factor")
        total: Tensor = weighted_sum(
            losses | {"content": factor.clone() * losses["content"]}, self.settings.losses.model_dump()
        )
        if self.settings.hold and self.current_epoch >= self.settings.hold.after:
            factor.fill_(self.settings.hold.follow(float(factor), float(losses["content"])))
        logged = {f"train_{name}": loss for name, loss in losses.items()} | {"train_loss": total}
        self.log_dict(logged, on_step=False, on_epoch=True, batch_size=len(batch[0]))
        return total

    def validation_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> None:  # noqa: ARG002  Lightning's names
        losses = self._losses(*batch)
        total = weighted_sum(losses, self.settings.losses.model_dump())
        logged = {"val_content": losses["content"], "val_style": losses["style"], "val_loss": total}
        self.log_dict(logged, batch_size=len(batch[0]))

    def _losses(self, photos: Tensor, paintings: Tensor, offset: tuple[int, int] | None = None) -> dict[str, Tensor]:
        network = self.network
        photos, paintings = (images.contiguous(memory_format=torch.channels_last) for images in (photos, paintings))
        with torch.no_grad():  # the encoder is frozen
            of_photo, of_painting = network.encoder(photos), network.encoder(paintings)
            own, wanted = network.statistics(of_photo), network.statistics(of_painting)
        pictures = network.decode(of_photo, own, wanted)
        seen = pictures
        if offset is not None:
            seen = moved(pictures, offset)
            with torch.no_grad():
                of_photo = network.encoder(moved(photos, offset))
        return stylisation_losses(pictures, network.encoder(seen), of_photo, of_painting, self._architecture)

    def pictures(self, epoch: int) -> dict[str, bytes]:
        """A sheet of validation photos across and paintings down, every few epochs and at the end."""
        if epoch % self.settings.sheet_every and epoch != self.settings.epochs:
            return {}
        size = self.settings.size
        photos = torch.cat([resized(image, size) for image in self._photos["val"].some(SHEET_PHOTOS)])
        paintings = torch.cat([resized(image, size) for image in self._paintings["val"].some(SHEET_PAINTINGS)])
        rows = [torch.cat([torch.full_like(photos[:1], 255), photos])]
        rows += [torch.cat([painting[None], self._painted(photos, painting)]) for painting in paintings]
        cells = torch.cat(rows).round().byte().permute(0, 2, 3, 1).numpy()
        title = f"Epoch {epoch}: validation photos across, paintings down"
        return {"samples": image_grid(list(cells), columns=1 + len(photos), cell=size, title=title)}

    @torch.no_grad()
    def _painted(self, photos: Tensor, painting: Tensor) -> Tensor:
        """Each photo in the manner of one painting (3, height, width)."""
        photos, network = photos.to(self.device), self.network
        style = network.statistics(network.encoder(painting[None].to(self.device)))
        every = style.expand(len(photos), -1)
        pictures: Tensor = network(photos, every, torch.ones(len(photos), device=self.device))[0]
        return pictures.cpu()

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["made_from"] = self.made_from

    def configure_optimizers(self) -> OptimizerLRScheduler:
        recipe = self.settings
        optimizer = Muon(self.network, self.network.paint, recipe.learning_rate)
        factor = WarmupCosine(recipe.epochs * self._batches, recipe.warmup, recipe.last_learning_rate)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def moved(images: Tensor, offset: tuple[int, int]) -> Tensor:
    """Images (b, c, h, w) moved up and left by `offset` - `FARTHEST_SHIFT` pixels, mirrored at the border."""
    down, right = offset
    padded = functional.pad(images, [FARTHEST_SHIFT] * 4, mode="reflect")
    return padded[:, :, down : down + images.shape[2], right : right + images.shape[3]]
