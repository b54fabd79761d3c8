"""The judges of edited faces. No loss saw any of them.

Age and gender are judged by networks, or measured from drawn faces (`pretrained.faces.judges`). Any other attribute is
judged by a ridge regression on histograms of oriented gradients (Dalal & Triggs 2005, doi:10.1109/CVPR.2005.177), which
are not learned. It learns from the judges' half of the training faces, see `of_judges`.
"""

import numpy as np
from numpy.typing import NDArray

from atelier.data.prepared.dataset import PreparedData
from atelier.evaluation.faces.regression import Ridge
from atelier.pretrained.faces.judges import FaceJudges

CELLS = (4, 8)
"""Sides of the cells of the histograms in pixels, at 64 pixels a side."""
BINS = 9
FEWEST = 40
"""With fewer labelled faces there is no judge of an attribute."""
_STABILIZER = 100.0
_LUMINANCE = np.array([0.299, 0.587, 0.114])

Images = NDArray[np.uint8]
Floats = NDArray[np.float64]


class Judges:
    """Estimate all attributes that can be judged.

    Parameters
    ----------
    pretrained
        The judges that need not learn.
    faces
        What the others learn from.
    most
        Largest number of training faces that a regression learns from.
    penalty
        Of the regression, see `Ridge`.
    """

    def __init__(self, pretrained: FaceJudges, faces: PreparedData, most: int, penalty: float) -> None:
        names = faces.manifest.attributes
        ready = [name for name in names if name in pretrained.attributes]
        missing = [name for name in names if name not in ready]
        self._estimate = pretrained.open() if ready else None
        self._regressions = _regressions(faces, missing, most, penalty) if missing else {}
        self.kinds = dict.fromkeys(ready, pretrained.kind) | dict.fromkeys(self._regressions, "regression")
        """Attribute → `network`, `measured` or `regression`."""

    def __call__(self, images: Images) -> dict[str, Floats]:
        """Images (n, size, size, 3) → attribute → (n,), in the unit of the attribute."""
        known = self._estimate(images) if self._estimate else {}
        features = _features(images) if self._regressions else None
        estimated = {name: ridge(features) for name, ridge in self._regressions.items() if features is not None}
        return {name: {**known, **estimated}[name] for name in self.kinds}


def of_judges(ids: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which training faces the judges learn from, (n,): those with an odd id. No model may learn from their labels."""
    return np.asarray(ids % 2 == 1)


def oriented_gradients(images: Images) -> NDArray[np.float32]:
    """(n, d) histograms of oriented gradients in cells of two sizes, each histogram with unit length."""
    gray = np.asarray(images @ _LUMINANCE, np.float32)
    down, right = np.gradient(gray, axis=(1, 2))
    strength, place = np.hypot(down, right), (np.arctan2(down, right) % np.pi) / np.pi * BINS
    low = np.floor(place)
    share = place - low
    bins = np.arange(BINS)
    first, second = low.astype(int)[..., None] % BINS == bins, (low.astype(int)[..., None] + 1) % BINS == bins
    weights = strength[..., None] * (first * (1 - share)[..., None] + second * share[..., None])
    return np.concatenate([_histograms(weights, max(1, cell * images.shape[1] // 64)) for cell in CELLS], axis=1)


def _histograms(weights: NDArray[np.floating], cell: int) -> NDArray[np.float32]:
    count, height, width, bins = weights.shape
    rows, columns = height // cell, width // cell
    cells = weights[:, : rows * cell, : columns * cell].reshape(count, rows, cell, columns, cell, bins)
    sums = cells.sum(axis=(2, 4))
    unit = sums / np.sqrt(np.square(sums).sum(axis=3, keepdims=True) + _STABILIZER)
    return np.asarray(unit.reshape(count, -1), np.float32)


def _regressions(faces: PreparedData, names: list[str], most: int, penalty: float) -> dict[str, Ridge]:
    split = faces.split("train")
    rows = np.flatnonzero(of_judges(split["id"][:]))[:most]
    labels = split["attributes"][rows].astype(np.float64)
    columns = {name: labels[:, faces.manifest.attributes.index(name)] for name in names}
    known = {name: np.isfinite(column) for name, column in columns.items()}
    learned = [name for name in names if known[name].sum() >= FEWEST and np.nanstd(columns[name]) > 0]
    features = _features(split["image"][rows]) if learned else np.empty((0, 0), np.float32)
    return {name: Ridge(features[known[name]], columns[name][known[name]], penalty) for name in learned}


def _features(images: Images) -> NDArray[np.float32]:
    """In parts: the histograms of a pixel take forty times its memory."""
    return np.concatenate([oriented_gradients(images[start : start + 64]) for start in range(0, len(images), 64)])
