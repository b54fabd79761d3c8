"""Training: from prepared images to a final checkpoint, going on from whatever a killed run left."""

from pathlib import Path
from typing import Any

import torch

from atelier.data.prepared.dataset import PreparedData
from atelier.pretrained.perceptual.asset import Perceptual
from pipelines.families.arbitrary_style.batches import Images, resized
from pipelines.families.arbitrary_style.model import StyleNet
from pipelines.families.arbitrary_style.settings import ArbitraryStyleSettings
from pipelines.families.arbitrary_style.step import StyleTraining
from pipelines.lifecycle.contracts import MetricLog
from pipelines.training.on_torch.checkpoints import found
from pipelines.training.on_torch.trainer import EpochLog, fit

METRICS = ("train_loss", "train_content", "train_style", "train_variation", "val_content", "val_style", "val_loss")
SCALE_PAINTINGS = 256
"""Paintings from which the network learns in which range statistics lie."""


def train(
    coco: PreparedData,
    landscapes: PreparedData,
    van_gogh: PreparedData,
    perceptual: Perceptual,
    settings: ArbitraryStyleSettings,
    log: MetricLog,
    folder: Path,
) -> None:
    """Train to the end and leave the final checkpoint in `folder`; goes on from the last checkpoint found there.

    Raises
    ------
    BadInputError
        When the checkpoints in `folder` come from other data or other settings, or a split has no images.
    AtelierError
        When the loss is no longer a number.
    """
    made_from = _made_from((coco, landscapes, van_gogh), perceptual, settings)
    before = found(folder, made_from)
    if before.finished >= settings.training.epochs:
        return
    photos = {split: Images(split, coco, landscapes) for split in ("train", "val")}
    paintings = {split: Images(split, van_gogh) for split in ("train", "val")}
    network = new_network(perceptual, settings)
    if before.path is None:
        network.learn_scales(styles(network, paintings["train"], settings.training.size))
    module = StyleTraining(network, perceptual.architecture, photos, paintings, settings.training, made_from)
    fit(
        module,
        settings.training.epochs,
        settings.hardware,
        EpochLog(log, METRICS, module.pictures),
        folder,
        before.path,
        gradient_clip_val=settings.training.clip_norm,
        # On a GPU, reflection padding's gradient is summed up in any order: the last bits may differ from run to run.
        deterministic="warn",
    )


def new_network(perceptual: Perceptual, settings: ArbitraryStyleSettings) -> StyleNet:
    """The untrained network, its weights drawn from the seed alone; its scales are not known yet."""
    model = settings.model
    with torch.random.fork_rng():
        torch.manual_seed(settings.training.seed)
        return StyleNet(perceptual, model.width, model.blocks, model.finest_skip, model.embedding)


@torch.no_grad()
def styles(network: StyleNet, paintings: Images, size: int) -> torch.Tensor:
    """The statistics of some paintings, (n, 2 channels)."""
    some = paintings.some(SCALE_PAINTINGS)
    return torch.cat([network.statistics(network.encoder(resized(painting, size))) for painting in some])


def _made_from(
    data: tuple[PreparedData, ...], perceptual: Perceptual, settings: ArbitraryStyleSettings
) -> dict[str, Any]:
    """What decides the result; where it was computed does not."""
    return {
        "data": [each.manifest.content_hash for each in data],
        "perceptual": perceptual.manifest.content_hash,
        "model": settings.model.model_dump(mode="json"),
        "training": settings.training.model_dump(mode="json", exclude={"sheet_every"}),
    }
