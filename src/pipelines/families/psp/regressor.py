"""The attribute regressor: a small convolutional network that is trained on faces, and judges edits in training.

No evaluation uses it: a generator can learn to deceive the network that its loss contains.
"""

import torch
from torch import Tensor, nn

from pipelines.families.psp.layers import DownPath, EqualLinear
from pipelines.families.psp.settings import ModelSettings

DROPOUT = 0.3
"""Share of the features that are set to 0 in training."""


class Regressor(nn.Module):
    """Images (n, 3, size, size), -1 to 1 → standardized attributes (n, attributes)."""

    def __init__(self, model: ModelSettings, attributes: int) -> None:
        super().__init__()
        channels = model.path
        self.path = DownPath(channels)
        self.hidden = EqualLinear(16 * channels[-1], channels[-1], activate=True)
        self.output = EqualLinear(channels[-1], attributes)

    def forward(self, images: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """The attributes.

        Parameters
        ----------
        generator
            Source of the dropout's random numbers. None: no dropout.
        """
        x = self.path(images)[-1].flatten(1)
        if generator is not None:
            kept = (torch.rand(x.shape, generator=generator) >= DROPOUT).to(x.device, x.dtype)
            x = x * kept / (1 - DROPOUT)
        attributes: Tensor = self.output(self.hidden(x)).float()
        return attributes
