"""Calibration: label smoothing and mixed pairs leave a network too modest; one number puts that right."""

import torch
from torch import Tensor
from torch.nn import functional

from pipelines.families.quickdraw_classifier.model import DoodleNet

RANGE = (0.25, 4.0)
"""Temperatures that are believed. A handful of drawings, all answered rightly, would ask for 0."""


def fit_temperature(logits: Tensor, labels: Tensor) -> float:
    """Temperature that makes softmax(logits / temperature) most likely (Guo et al., 2017, section 4.2).

    Parameters
    ----------
    logits
        Float (n, classes), of drawings that the network did not learn from.
    labels
        Int64 (n,).
    """
    logits = logits.double()
    log_temperature = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([log_temperature], max_iter=50, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = functional.cross_entropy(logits / log_temperature.exp(), labels)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    return float(log_temperature.detach().exp().clamp(*RANGE))


@torch.no_grad()
def calibrate(network: DoodleNet, temperature: float) -> None:
    """Divide the logits by the temperature, in the last layer's weights: the graph stays as it is."""
    for parameter in network.head.parameters():
        parameter.div_(temperature)
