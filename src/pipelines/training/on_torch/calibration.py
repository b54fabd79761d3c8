"""Apply a temperature to a network."""

import torch
from torch import nn


@torch.no_grad()
def calibrate(layer: nn.Module, temperature: float) -> None:
    """Divide the weights of the last layer, which computes the logits, by the temperature: the graph stays as it is."""
    for parameter in layer.parameters():
        parameter.div_(temperature)
