"""What edits do: how far each attribute moves for what was asked, as judges see it, and what else changes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from atelier.evaluation.bootstrap import Weights, bootstrap
from atelier.model_card import Metric

Images = NDArray[np.uint8]
Floats = NDArray[np.float64]
Estimate = Callable[[Images], Mapping[str, Floats]]
"""Images → attribute → (n,), as a judge sees it."""
Identify = Callable[[Images], NDArray[np.float32]]
"""Images → features (n, d) that describe who is shown, with unit length."""


class Editor(Protocol):
    """A model that edits faces; see `predictors.face_editor.FaceEditor`."""

    def encode(self, images: Images) -> NDArray[np.float32]: ...

    def decode(self, latents: NDArray[np.float32]) -> Images: ...

    def edit(self, latents: NDArray[np.float32], changes: Mapping[str, float]) -> NDArray[np.float32]: ...


@dataclass(frozen=True)
class Edits:
    """Measured edits of n faces along d directions with r requests, seen by j judges."""

    directions: tuple[str, ...]
    requests: tuple[float, ...]
    judged: tuple[str, ...]
    moved: Floats
    """(d, r, j, n): change from the reconstruction, in standard deviations of the judged attribute."""
    identity: Floats
    """(d, r, n): cosine of the identity features of edit and reconstruction."""

    @property
    def _asked(self) -> Floats:
        return np.array(self.requests, np.float64)

    def slopes(self, direction: str, judged: str) -> Floats:
        """(n,): how far the judged attribute of each face moves when one standard deviation is asked for.

        Least squares through zero over the requests. The mean over faces is the slope over all of them.
        """
        moved, asked = self._of(direction, judged), self._asked
        return np.asarray(asked @ moved / np.square(asked).sum())

    def correlation(self, direction: str, resamples: int, seed: int) -> Metric:
        """Correlation of what was asked and what moved, over faces and requests; the interval is over faces."""
        moved, asked = self._of(direction, direction), self._asked
        sums = {"y": moved.sum(axis=0), "yy": np.square(moved).sum(axis=0), "xy": asked @ moved}
        x, xx, count = asked.sum(), np.square(asked).sum(), len(asked)

        def statistic(weights: Weights) -> Floats:
            n = weights.sum(axis=1)
            y, yy, xy = (weights @ sums[name] / (n * count) for name in ("y", "yy", "xy"))
            covariance = xy - x / count * y
            below = (xx / count - (x / count) ** 2) * np.maximum(yy - y**2, 0)
            correlation: Floats = np.divide(covariance, np.sqrt(below), out=np.full(len(n), np.nan), where=below > 0)
            return correlation

        return bootstrap(statistic, moved.shape[1], resamples, seed)

    def leakage(self, rows: NDArray[np.bool_]) -> Floats:
        """(d, j) mean slopes over some faces: the diagonal is what was asked for, the rest should be 0."""
        values = [[self.slopes(name, judged)[rows].mean() for judged in self.judged] for name in self.directions]
        return np.array(values)

    def _of(self, direction: str, judged: str) -> Floats:
        """(r, n)."""
        return self.moved[self.directions.index(direction), :, self.judged.index(judged)]


def measure_edits(
    editor: Editor,
    latents: NDArray[np.float32],
    directions: Mapping[str, float],
    requests: Sequence[float],
    judge: Estimate,
    identify: Identify,
) -> Edits:
    """Edit every face along every direction by every request.

    Parameters
    ----------
    latents
        Of n faces.
    directions
        Attribute → its standard deviation, by which changes are divided.
    requests
        In standard deviations.
    judge
        What it says of attributes without a direction is not used.
    """
    plain = editor.decode(latents)
    before, features = judge(plain), identify(plain)
    judged = tuple(name for name in directions if name in before)
    moved = np.empty((len(directions), len(requests), len(judged), len(latents)))
    identity = np.empty((len(directions), len(requests), len(latents)))
    for place, images in _edited(editor, latents, directions, requests):
        after = judge(images)
        for column, name in enumerate(judged):
            moved[(*place, column)] = (after[name] - before[name]) / directions[name]
        identity[place] = (identify(images) * features).sum(axis=1)
    return Edits(tuple(directions), tuple(requests), judged, moved, identity)


def _edited(
    editor: Editor, latents: NDArray[np.float32], directions: Mapping[str, Any], requests: Sequence[float]
) -> Iterator[tuple[tuple[int, int], Images]]:
    """(number of the direction, number of the request), and the edited faces."""
    for row, name in enumerate(directions):
        for column, request in enumerate(requests):
            yield (row, column), editor.decode(editor.edit(latents, {name: request}))
