"""The losses of the classifier, by name. Their weights are parameters."""

from torch import Tensor
from torch.nn import functional


def classification_losses(logits: Tensor, targets: Tensor, label_smoothing: float = 0.0) -> dict[str, Tensor]:
    """Named losses of one batch, each a scalar.

    `cross_entropy` uses label smoothing: the fraction `label_smoothing` of each target is distributed over all classes
    (Szegedy et al., 2015). The labels of some drawings are wrong, so the network should not be too confident.

    Parameters
    ----------
    logits
        float (n, classes).
    targets
        float (n, classes), each row a probability distribution.
    label_smoothing
        0..1.
    """
    return {"cross_entropy": functional.cross_entropy(logits, targets, label_smoothing=label_smoothing)}
