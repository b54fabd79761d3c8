"""Training from prepared faces to a final checkpoint. A killed training is resumed."""

from collections.abc import Mapping
from pathlib import Path

import torch

from atelier.errors import BadInputError
from pipelines.families.psp.attributes import Attributes
from pipelines.families.psp.networks import Networks
from pipelines.families.psp.progress import STAGE_METRICS
from pipelines.families.psp.settings import PspInputs, PspSettings
from pipelines.families.psp.step import PspTrainer
from pipelines.families.psp.training_settings import Stage
from pipelines.lifecycle.contracts import MetricLog, fingerprint
from pipelines.training.on_torch.checkpoints import resume_point
from pipelines.training.on_torch.trainer import EpochLog, fit

_RECONSTRUCTION = ("l2", "perceptual", "identity", "attributes", "offset", "latent_adversarial", "latent_discriminator")
_EDITS = ("cycle", "moved", "kept", "kept_identity")
STAGE_LOSSES: Mapping[Stage, tuple[str, ...]] = {
    "generator": ("adversarial", "discriminator", "regressor"),
    "encoder": (*_RECONSTRUCTION, "regressor"),
    "autoencoder": (*_RECONSTRUCTION, "regressor"),
    "joint": (*_RECONSTRUCTION, *_EDITS, "adversarial", "discriminator", "regressor"),
}
"""Stage → names of its losses."""


def train(inputs: PspInputs, settings: PspSettings, log: MetricLog, folder: Path) -> None:
    """Train and leave the final checkpoint in `folder`. Training resumes from the last checkpoint in `folder`.

    Raises
    ------
    BadInputError
        When the checkpoints in `folder` come from other data or other settings, or the faces have another size than the
        model.
    AtelierError
        When a loss is NaN or infinite.
    """
    identity = fingerprint(inputs, settings)
    resume = resume_point(folder, identity)
    stages, epochs = settings.training.stages, settings.training.epochs
    if resume.finished >= epochs:
        return
    _check_size(inputs, settings)
    attributes = Attributes.of(inputs.faces, inputs.face_judges)
    module = PspTrainer(new_networks(attributes, settings), inputs, attributes, settings)

    def metrics(epoch: int) -> list[str]:
        stage = stages.of(epoch - 1)
        return [*(f"train_{name}" for name in STAGE_LOSSES[stage]), *STAGE_METRICS[stage]]

    def sheets(epoch: int) -> Mapping[str, bytes]:
        return module.progress.sheets(epoch, stages.of(epoch - 1))

    fit(
        module,
        epochs,
        settings.hardware,
        EpochLog(log, metrics, sheets),
        folder,
        resume.path,
        identity,
        # On a GPU, the gradient of an interpolation is not deterministic: the last bits may differ from run to run.
        deterministic="warn",
    )


def new_networks(attributes: Attributes, settings: PspSettings) -> Networks:
    """The untrained networks. Their weights depend on the seed only."""
    with torch.random.fork_rng():
        torch.manual_seed(settings.training.seed)
        return Networks(settings.model, len(attributes.names))


def _check_size(inputs: PspInputs, settings: PspSettings) -> None:
    side = inputs.faces.split("train")["image"].shape[1]
    if side != settings.model.size:
        raise BadInputError(
            f"The faces have {side} pixels a side, the model has {settings.model.size}. Set psp.model.size to {side}, "
            f"or prepare the faces at {settings.model.size} pixels."
        )
