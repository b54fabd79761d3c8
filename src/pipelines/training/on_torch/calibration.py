"""Temperature scaling. A network that is trained with label smoothing and mixup is underconfident."""

import torch
from torch import Tensor, nn
from torch.nn import functional

TEMPERATURE_RANGE = (0.25, 4.0)
"""Range of the temperature. On few drawings that are all classified correctly, the optimum would be 0."""


def fit_temperature(logits: Tensor, labels: Tensor) -> float:
    """The temperature that maximizes the likelihood of softmax(logits / temperature) (Guo et al., 2017, section 4.2).

    Parameters
    ----------
    logits
        float (n, classes), for drawings that are not in the training split.
    labels
        int64 (n,).
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
    return float(log_temperature.detach().exp().clamp(*TEMPERATURE_RANGE))


@torch.no_grad()
def calibrate(layer: nn.Module, temperature: float) -> None:
    """Divide the weights of the last layer, which computes the logits, by the temperature: the graph stays as it is."""
    for parameter in layer.parameters():
        parameter.div_(temperature)
