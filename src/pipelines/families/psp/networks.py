"""All networks of a training, with the moving averages that are exported."""

from copy import deepcopy

import torch
from torch import Tensor, nn

from pipelines.families.psp.discriminator import Discriminator, LatentDiscriminator
from pipelines.families.psp.encoder import Encoder
from pipelines.families.psp.generator import Mapping, Synthesis
from pipelines.families.psp.regressor import Regressor
from pipelines.families.psp.settings import ModelSettings

MEAN_ITEMS = 4096
"""Number of random vectors from which the mean latent vector is computed."""
AVERAGED = ("mapping", "synthesis", "encoder")
"""Networks with a moving average, `<name>_average`."""


class Networks(nn.Module):
    """The networks, and the directions of the attributes as the buffer `directions` (attributes, layers, width)."""

    directions: Tensor
    mapping_average: Mapping
    synthesis_average: Synthesis
    encoder_average: Encoder

    def __init__(self, model: ModelSettings, attributes: int) -> None:
        super().__init__()
        self.layers = model.layers
        self.noise = model.noise
        self.mapping = Mapping(model.noise, model.width, model.mapping_layers)
        self.synthesis = Synthesis(model)
        self.encoder = Encoder(model)
        self.discriminator = Discriminator(model)
        self.latent_discriminator = LatentDiscriminator(model.width)
        self.regressor = Regressor(model, attributes)
        for name in AVERAGED:
            setattr(self, f"{name}_average", deepcopy(getattr(self, name)).requires_grad_(False))
        self.register_buffer("directions", torch.zeros(attributes, model.layers, model.width))

    def sample(self, count: int, generator: torch.Generator, mixing: float) -> Tensor:
        """Latents (count, layers, width) of random vectors.

        Parameters
        ----------
        mixing
            Probability that the layers from a random one on have the latents of another random vector, so that layers
            do not rely on each other (Karras et al. 2019, arXiv:1812.04948, section 3.1).
        """
        noise = torch.randn(2 * count, self.noise, generator=generator).to(self.directions.device)
        one, other = (part[:, None].expand(-1, self.layers, -1) for part in self.mapping(noise).float().chunk(2))
        start = torch.randint(1, self.layers, (count, 1), generator=generator)
        start = torch.where(torch.rand(count, 1, generator=generator) < mixing, start, self.layers)
        mixed = torch.arange(self.layers) >= start
        return torch.where(mixed[:, :, None].to(one.device), other, one)

    @torch.no_grad()
    def update_averages(self, names: tuple[str, ...], step: int, decay: float) -> None:
        """Update some averages after a step. The decay is smaller at first, to forget the initial weights soon."""
        decay = min(decay, (1 + step) / (10 + step))
        for name in names:
            averages = list(getattr(self, f"{name}_average").parameters())
            torch._foreach_lerp_(averages, list(getattr(self, name).parameters()), 1 - decay)

    @torch.no_grad()
    def begin_encoding(self, seed: int) -> None:
        """Go on with the averaged generator, and set the mean latent vector from which the encoder starts."""
        for name in ("mapping", "synthesis"):
            getattr(self, name).load_state_dict(getattr(self, f"{name}_average").state_dict())
        noise = torch.randn(MEAN_ITEMS, self.noise, generator=torch.Generator().manual_seed(seed))
        mean = self.mapping(noise.to(self.directions.device)).float().mean(0)
        self.encoder.mean_latent.copy_(mean)
        self.encoder_average.mean_latent.copy_(mean)
