"""The steps of the stages: generator alone, encoder for the frozen generator, both together without and with edits."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from pipelines.families.psp.adversaries import Adversaries, Losses, Minimize, frozen
from pipelines.families.psp.augmentation import augment
from pipelines.families.psp.edits import EditBounds, edit_losses, edited, random_edits
from pipelines.families.psp.encoder import offset_penalty
from pipelines.families.psp.losses import cycle_loss, realistic
from pipelines.families.psp.networks import Networks
from pipelines.families.psp.perception import Perceived, Perception, identity_distance, perceptual_distance
from pipelines.families.psp.training_settings import Stage, TrainingSettings
from pipelines.training.losses import weighted_sum

Step = Callable[[Tensor, int, torch.Generator], Losses]

GENERATOR = ("mapping", "synthesis")
STAGES: Mapping[Stage, tuple[str, ...]] = {
    "generator": GENERATOR,
    "encoder": ("encoder",),
    "autoencoder": (*GENERATOR, "encoder"),
    "joint": (*GENERATOR, "encoder"),
}
"""Stage → the networks that it trains, of which there are moving averages."""


class Stages:
    """One step of each stage. A step trains the networks and returns its losses by name.

    Parameters
    ----------
    networks, perception
        The networks, and what the losses compare images with.
    bounds
        How far edits are asked to go.
    settings
        Parameters of the training.
    minimize
        As of `Adversaries`.
    """

    def __init__(
        self,
        networks: Networks,
        perception: Perception,
        bounds: EditBounds,
        settings: TrainingSettings,
        minimize: Minimize,
    ) -> None:
        self._networks, self._perception, self._bounds = networks, perception, bounds
        self._settings, self._minimize = settings, minimize
        self._adversaries = Adversaries(networks, settings, minimize)

    def step(self, stage: Stage, faces: Tensor, labels: Tensor, batch: int, random: torch.Generator) -> Losses:
        """Train on faces (n, 3, size, size) with labels (n, attributes)."""
        steps: Mapping[Stage, Step] = {
            "generator": self._generator,
            "encoder": self._encoder,
            "autoencoder": self._autoencoder,
            "joint": self._joint,
        }
        regression = self._adversaries.train_regressor(faces, labels, random)
        return steps[stage](faces, batch, random) | regression

    def _generator(self, faces: Tensor, batch: int, random: torch.Generator) -> Losses:
        networks, adversaries = self._networks, self._adversaries
        latents = networks.sample(len(faces), random, self._settings.style_mixing)
        samples = networks.synthesis(latents, random)
        result = adversaries.train_discriminator(faces, samples, batch, random)
        with frozen(networks.discriminator):
            result["adversarial"] = adversaries.realistic(samples, random)
            self._minimize(result["adversarial"], "generator")
        return result

    def _encoder(self, faces: Tensor, batch: int, random: torch.Generator) -> Losses:
        networks = self._networks
        latents = networks.encoder(faces)
        result = self._adversaries.train_latent_discriminator(latents, batch, random)
        with frozen(networks.synthesis, networks.latent_discriminator, networks.regressor):
            found, _ = self._reconstruction_losses(faces, latents, networks.synthesis(latents), random)
            self._minimize(self._weighted(found), "encoder")
        return result | found

    def _autoencoder(self, faces: Tensor, batch: int, random: torch.Generator) -> Losses:
        networks = self._networks
        latents = networks.encoder(faces)
        result = self._adversaries.train_latent_discriminator(latents, batch, random)
        with frozen(networks.latent_discriminator, networks.regressor):
            found, _ = self._reconstruction_losses(faces, latents, networks.synthesis(latents), random)
            self._minimize(self._weighted(found), "decoder", "encoder")
        return result | found

    def _joint(self, faces: Tensor, batch: int, random: torch.Generator) -> Losses:
        networks, adversaries, count = self._networks, self._adversaries, self._settings.joint_samples
        latents = networks.encoder(faces)
        edits = random_edits(len(faces), len(networks.directions), self._settings.edits.largest, random).to(
            faces.device
        )
        moved = edited(latents, networks.directions, edits)
        samples = networks.synthesis(networks.sample(count, random, self._settings.style_mixing), random)
        reconstructed, changed = networks.synthesis(torch.cat([latents, moved])).chunk(2)
        shown = torch.cat([samples, reconstructed[:count], changed[:count]])
        result = adversaries.train_discriminator(faces, shown, batch, random)
        result |= adversaries.train_latent_discriminator(latents, batch, random)
        with frozen(networks.discriminator, networks.latent_discriminator, networks.regressor):
            found, perceived = self._reconstruction_losses(faces, latents, reconstructed, random)
            found |= self._edit_losses(reconstructed, changed, edits, random)
            found["adversarial"] = adversaries.realistic(shown, random)
            found["cycle"] = cycle_loss(networks.encoder(changed), moved)
            found["kept_identity"] = identity_distance(self._perception(changed), perceived)
            self._minimize(self._weighted(found), "decoder", "encoder")
        return result | found

    def _reconstruction_losses(
        self, faces: Tensor, latents: Tensor, reconstructed: Tensor, random: torch.Generator
    ) -> tuple[Losses, Perceived]:
        """Losses of reconstructions, and what the perceptual network sees in these."""
        with torch.no_grad():
            target = self._perception(faces)
        perceived = self._perception(reconstructed)
        found = {
            "l2": (reconstructed - faces).square().mean(),
            "perceptual": perceptual_distance(perceived, target),
            "identity": identity_distance(perceived, target),
            "attributes": self._attribute_loss(faces, reconstructed, random),
            "offset": offset_penalty(latents),
            "latent_adversarial": realistic(self._networks.latent_discriminator(latents.flatten(0, 1))),
        }
        return found, perceived

    def _attribute_loss(self, faces: Tensor, reconstructed: Tensor, random: torch.Generator) -> Tensor:
        if not self._settings.losses.attributes:
            return torch.zeros((), device=faces.device)
        seen, seen_after = self._attributes(faces, reconstructed, random)
        return (seen_after - seen.detach()).square().mean()

    def _edit_losses(self, before: Tensor, after: Tensor, edits: Tensor, random: torch.Generator) -> Losses:
        return edit_losses(*self._attributes(before.detach(), after, random), edits, self._bounds)

    def _attributes(self, before: Tensor, after: Tensor, random: torch.Generator) -> tuple[Tensor, Tensor]:
        """What the regressor sees in images, both shifted by the same pixels."""
        settings = self._settings.regressor_augmentation.model_copy(update={"color": 0.0, "cutout": 0.0})
        shifted = augment(torch.cat([before, after]), settings, random)
        seen, seen_after = self._networks.regressor(shifted).chunk(2)
        return seen, seen_after

    def _weighted(self, found: Losses) -> Tensor:
        total: Tensor = weighted_sum(found, self._settings.losses.model_dump())
        return total
