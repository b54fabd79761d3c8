"""The classifier's losses, by name; their weights are parameters."""

from torch import Tensor
from torch.nn import functional


def classification_losses(logits: Tensor, targets: Tensor, label_smoothing: float = 0.0) -> dict[str, Tensor]:
    """Named losses of one batch, each a scalar.

    `cross_entropy` is taken against targets that leave `label_smoothing` of the weight to all classes alike (Szegedy
    et al., 2015): some doodles were drawn for another word than the one they carry, and no one should be sure of them.

    Parameters
    ----------
    logits
        Float (n, classes).
    targets
        Float (n, classes), each row a distribution.
    label_smoothing
        0..1.
    """
    return {"cross_entropy": functional.cross_entropy(logits, targets, label_smoothing=label_smoothing)}
