"""Training from prepared images to a final checkpoint. A killed training is resumed."""

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
"""Number of paintings from which the usual range of the statistics is computed."""


def train(inputs: ArbitraryStyleInputs, settings: ArbitraryStyleSettings, log: MetricLog, folder: Path) -> None:
    """Train and leave the final checkpoint in `folder`. Training resumes from the last checkpoint in `folder`.

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
    if resume.path is None:
        network.fit_scales(style_statistics(network, Images("train", inputs.van_gogh), settings.training.size))
    module = StyleTrainer(network, inputs, settings.training)
    fit(
        module,
        settings.training.epochs,
        settings.hardware,
        EpochLog(log, METRICS, module.sheets),
        folder,
        resume.path,
        identity,
        gradient_clip_val=settings.training.clip_norm,
        # On a GPU, the gradient of reflection padding is not deterministic: the last bits may differ from run to run.
        deterministic="warn",
    )


def new_network(perceptual: Perceptual, settings: ArbitraryStyleSettings) -> StyleNet:
    """The untrained network. Its weights depend on the seed only, and its scales are not fitted yet."""
    model = settings.model
    with torch.random.fork_rng():
        torch.manual_seed(settings.training.seed)
        return StyleNet(perceptual, model.width, model.blocks, model.finest_skip, model.embedding)


@torch.no_grad()
def style_statistics(network: StyleNet, paintings: Images, size: int) -> torch.Tensor:
    """Statistics of some paintings, (n, 2 channels)."""
    images = paintings.evenly_spaced(SCALE_PAINTINGS)
    return torch.cat([network.statistics(network.encoder(resized(image, size))) for image in images])
