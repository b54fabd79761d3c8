"""The optimizers of all networks."""

from torch import nn
from torch.optim import Adam, Optimizer

from pipelines.families.psp.networks import Networks
from pipelines.families.psp.training_settings import LearningRates
from pipelines.training.on_torch.muon import Muon

OPTIMIZERS = ("decoder", "encoder", "regressor", "generator", "discriminator", "latent_discriminator")
"""Their names, as in `LearningRates`. `decoder` is that of the generator where it is trained with the encoder. The
learning rate of the first one is logged."""
BETAS = (0.0, 0.99)
"""Of Adam, as in StyleGAN2."""


def new_optimizers(networks: Networks, rates: LearningRates) -> dict[str, Optimizer]:
    """Name → optimizer: Muon for what minimizes errors, Adam for what is trained against another network only."""
    generator = nn.ModuleList([networks.mapping, networks.synthesis])

    def adam(network: nn.Module, rate: float) -> Adam:
        return Adam(network.parameters(), rate, BETAS)

    return {
        "generator": adam(generator, rates.generator),
        "decoder": Muon(generator, networks.synthesis.to_rgb, rates.decoder),
        "discriminator": adam(networks.discriminator, rates.discriminator),
        "encoder": Muon(networks.encoder, networks.encoder.outputs, rates.encoder),
        "latent_discriminator": adam(networks.latent_discriminator, rates.latent_discriminator),
        "regressor": Muon(networks.regressor, networks.regressor.output, rates.regressor),
    }
