"""Temperature scaling. A network that is trained with label smoothing and mixup is underconfident."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

TEMPERATURE_RANGE = (0.25, 4.0)
"""Range of the temperature. On few items that are all classified correctly, the optimum would be 0."""


def fit_temperature(logits: ArrayLike, labels: NDArray[np.int64]) -> float:
    """The temperature that maximizes the likelihood of softmax(logits / temperature) (Guo et al., 2017, section 4.2).

    Parameters
    ----------
    logits
        float (n, classes), for items that are not in the training split.
    labels
        int64 (n,).
    """
    logits = np.asarray(logits, np.float64)
    of_truth = np.take_along_axis(logits, labels[:, None], axis=1)[:, 0]

    def loss(log_temperature: float) -> float:
        inverse = np.exp(-log_temperature)
        return float(np.mean(logsumexp(logits * inverse, axis=1) - of_truth * inverse))

    bounds = np.log(TEMPERATURE_RANGE)
    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-6}).x))
