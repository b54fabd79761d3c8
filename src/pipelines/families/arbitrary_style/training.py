"""Training: from prepared images to a final checkpoint, resuming whatever a killed run left."""

from pathlib import Path

import torch

from atelier.pretrained.perceptual.asset import Perceptual
from pipelines.families.arbitrary_style.batches import Images, resized
from pipelines.families.arbitrary_style.model import StyleNet
from pipelines.families.arbitrary_style.settings import ArbitraryStyleInputs, ArbitraryStyleSettings
from pipelines.families.arbitrary_style.step import StyleTrainer
from pipelines.lifecycle.contracts import MetricLog, fingerprint
from pipelines.training.on_torch.checkpoints import resume_point
from pipelines.training.on_torch.trainer import EpochLog, fit

METRICS = (
    *("train_loss", "train_content", "train_style", "train_variation"),
    *("val_content", "val_style", "val_distance"),
)
SCALE_PAINTINGS = 256
"""Paintings from which the network learns the range of the statistics."""


def train(inputs: ArbitraryStyleInputs, settings: ArbitraryStyleSettings, log: MetricLog, folder: Path) -> None:
    """Train to the end and leave the final checkpoint in `folder`; goes on from the last checkpoint found there.

    Raises
    ------
    BadInputError
        When the checkpoints in `folder` come from other data or other settings, or a split has no images.
    AtelierError
        When a loss is NaN or infinite.
    """
    identity = fingerprint(inputs, settings)
    resume = resume_point(folder, identity)
    if resume.finished >= settings.training.epochs:
        return
    network = new_network(inputs.perceptual, settings)
    module = StyleTrainer(network, inputs, settings.training)
    if resume.path is None:
        network.learn_scales(styles(network, module.paintings["train"], settings.training.size))
    fit(
        module,
        settings.training.epochs,
        settings.hardware,
        EpochLog(log, METRICS, module.sheets),
        folder,
        resume.path,
        identity,
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
