"""What is trained against generator and encoder, or beside them: both discriminators and the regressor."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from pipelines.families.psp import losses
from pipelines.families.psp.augmentation import augment
from pipelines.families.psp.networks import Networks
from pipelines.families.psp.training_settings import TrainingSettings

Losses = dict[str, Tensor]
Minimize = Callable[..., None]
"""Function that takes a loss and names of optimizers, and makes their steps."""


class Adversaries:
    """Training steps of discriminators and regressor.

    Parameters
    ----------
    networks
        All networks.
    settings
        Parameters of the training.
    minimize
        Makes the steps of the named optimizers for a loss.
    """

    def __init__(self, networks: Networks, settings: TrainingSettings, minimize: Minimize) -> None:
        self._networks, self._settings, self._minimize = networks, settings, minimize

    def train_discriminator(self, real: Tensor, fake: Tensor, batch: int, random: torch.Generator) -> Losses:
        """A step on faces and other images, (n, 3, size, size) each, with the gradient penalty from time to time."""
        discriminator, settings = self._networks.discriminator, self._settings
        real, fake = self.augmented(real, random), self.augmented(fake.detach(), random)
        result = {"discriminator": losses.discriminator_loss(discriminator(real), discriminator(fake))}
        self._minimize(result["discriminator"], "discriminator")
        if settings.r1_weight and not batch % settings.r1_every:
            penalty = losses.gradient_penalty(discriminator, real)
            self._minimize(settings.r1_weight * settings.r1_every * penalty, "discriminator")
        return result

    def train_latent_discriminator(self, latents: Tensor, batch: int, random: torch.Generator) -> Losses:
        """A step on latents of the mapping network and of the encoder, (n, layers, width)."""
        networks, settings = self._networks, self._settings
        with torch.no_grad():
            real = networks.sample(len(latents), random, settings.style_mixing).flatten(0, 1)
        scores = (networks.latent_discriminator(part) for part in (real, latents.detach().flatten(0, 1)))
        result = {"latent_discriminator": losses.discriminator_loss(*scores)}
        self._minimize(result["latent_discriminator"], "latent_discriminator")
        if settings.r1_weight and not batch % settings.r1_every:
            penalty = losses.gradient_penalty(networks.latent_discriminator, real)
            self._minimize(settings.r1_weight * settings.r1_every * penalty, "latent_discriminator")
        return result

    def train_regressor(self, images: Tensor, labels: Tensor, random: torch.Generator) -> Losses:
        """A step on faces and their attributes, (n, 3, size, size) and (n, attributes)."""
        augmented = augment(images, self._settings.regressor_augmentation, random)
        loss = losses.regression_loss(self._networks.regressor(augmented, random), labels)
        self._minimize(loss, "regressor")
        return {"regressor": loss}

    def realistic(self, images: Tensor, random: torch.Generator) -> Tensor:
        """The loss of images that shall look real."""
        return losses.realistic(self._networks.discriminator(self.augmented(images, random)))

    def augmented(self, images: Tensor, random: torch.Generator) -> Tensor:
        """What the discriminator sees of images."""
        return augment(images, self._settings.discriminator_augmentation, random)


@contextmanager
def frozen(*modules: nn.Module) -> Iterator[None]:
    """Compute no gradients of the modules' weights within the `with` block."""
    weights = [weight for module in modules for weight in module.parameters() if weight.requires_grad]
    for weight in weights:
        weight.requires_grad_(False)
    try:
        yield
    finally:
        for weight in weights:
            weight.requires_grad_(True)
