"""Ridge regression in both directions: of attributes on features, and of latents on attributes."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FOLDS = 5
_EPSILON = 1e-6


class Ridge:
    """A regression of one attribute on features, rescaled so that its answers have no regression to the mean.

    Ridge answers vary less than the attribute: they are drawn to the mean where the features do not tell. An edit by
    one unit would then be seen as less than one. So the answers for faces that the regression has not seen are
    regressed on their labels, and the slope is divided out (classical calibration).

    Parameters
    ----------
    features
        (n, d).
    labels
        (n,), none missing.
    penalty
        Relative to the number of features, which are standardized.
    """

    def __init__(self, features: NDArray[np.floating], labels: Floats, penalty: float) -> None:
        self._mean, deviation = features.mean(axis=0), features.std(axis=0)
        self._deviation = deviation + _EPSILON
        x = self._standardized(features)
        fold = np.arange(len(x)) % FOLDS
        unseen = np.empty(len(x))
        for number in range(FOLDS):
            weights, offset = _fit(x[fold != number], labels[fold != number], penalty)
            unseen[fold == number] = x[fold == number] @ weights + offset
        slope = float(np.cov(unseen, labels)[0, 1] / max(np.var(labels, ddof=1), _EPSILON))
        self._weights, self._offset = _fit(x, labels, penalty)
        self._slope, self._center = max(slope, 0.05), float(labels.mean())
        self.correlation = float(np.corrcoef(unseen, labels)[0, 1])
        """Between answers and labels of faces that the regression has not seen."""

    def __call__(self, features: NDArray[np.floating]) -> Floats:
        """(n,) the attribute of each row of features."""
        raw = self._standardized(features) @ self._weights + self._offset
        return np.asarray(self._center + (raw - self._center) / self._slope)

    def _standardized(self, features: NDArray[np.floating]) -> Floats:
        return np.asarray((features - self._mean) / self._deviation, np.float64)


def fit_directions(latents: NDArray[np.floating], labels: Floats, penalty: float) -> Floats:
    """The mean change of the latents for one standard deviation of each attribute while the others stay.

    Latents are regressed on the attributes, not the other way round: the coefficients of the latter tell attributes
    apart best, which is not how faces differ (Haufe et al. 2014, doi:10.1016/j.neuroimage.2013.10.067).

    Parameters
    ----------
    latents
        (n, d).
    labels
        (n, attributes) in standard deviations. A missing one is NaN. Covariances are those of the rows that have both.
    penalty
        Relative to the variance of an attribute.

    Returns
    -------
    (attributes, d).
    """
    known = np.isfinite(labels).astype(np.float64)
    both = np.maximum(known.T @ known, 1)
    counts = np.diag(both)
    x = known * (np.nan_to_num(labels) - np.nansum(labels, axis=0) / counts)
    products = x.T @ (latents - latents.mean(axis=0)) / counts[:, np.newaxis]
    return np.asarray(np.linalg.solve(x.T @ x / both + penalty * np.eye(x.shape[1]), products))


def _fit(x: Floats, labels: Floats, penalty: float) -> tuple[Floats, float]:
    """Weights (d,) and offset, by the smaller of the two systems of equations."""
    y, center = labels - labels.mean(), x.mean(axis=0)
    x = x - center
    scale = penalty * x.shape[1]
    if len(x) < x.shape[1]:
        weights = x.T @ np.linalg.solve(x @ x.T + scale * np.eye(len(x)), y)
    else:
        weights = np.linalg.solve(x.T @ x + scale * np.eye(x.shape[1]), x.T @ y)
    return weights, float(labels.mean() - center @ weights)
