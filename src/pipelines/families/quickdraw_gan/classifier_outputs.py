"""What the judge, a classifier, sees in drawings: their class, and features in which they can be compared."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from atelier.errors import BadInputError
from pipelines.families.quickdraw_gan.drawings import Drawings, Ints
from pipelines.lifecycle.contracts import Judge

BATCH = 512


@dataclass(frozen=True)
class Seen:
    """Drawings and what the judge says of them.

    Attributes
    ----------
    drawings
        n drawings in the order of their classes.
    hit
        bool (n,): the judge names their class.
    features
        float64 (n, d), finite.
    """

    drawings: Drawings
    hit: NDArray[np.bool_]
    features: NDArray[np.float64]

    def __getitem__(self, chosen: NDArray[np.bool_]) -> Self:
        return type(self)(self.drawings[chosen], self.hit[chosen], self.features[chosen])


def outputs_of(judge: Judge, labels: tuple[str, ...]) -> Ints:
    """int (labels,): the judge's output for each label, by name; -1 where it does not know it.

    Raises
    ------
    BadInputError
        When it knows none of them: its opinion would say nothing.
    """
    place = {name: index for index, name in enumerate(judge.spec.labels)}
    outputs = np.array([place.get(label, -1) for label in labels], np.int64)
    if (outputs < 0).all():
        raise BadInputError(
            f"The judge, version {judge.version} of the classifier, knows none of the {len(labels)} classes of the "
            f"data ({', '.join(labels[:3])}, …), so it cannot say what a drawing shows. Train and promote a "
            "classifier on this data first: kedro run --pipelines quickdraw_classifier,promote, with the same --env."
        )
    return outputs


def look(judge: Judge, drawings: Drawings, outputs: Ints) -> Seen:
    """Show drawings to the judge, some hundred at a time.

    Parameters
    ----------
    outputs
        From `outputs_of`.

    Raises
    ------
    BadInputError
        When it answers with something that is no number.
    """
    said, features = [], []
    for start in range(0, len(drawings.label), BATCH):
        answer = judge.model(image=drawings.images[start : start + BATCH])
        said.append(answer["probabilities"].argmax(axis=1))
        features.append(answer["features"].astype(np.float64))
    points = np.concatenate(features)
    if not np.isfinite(points).all():
        raise BadInputError(f"The judge, version {judge.version}, answers with NaN or infinity. Train it anew.")
    return Seen(drawings, np.concatenate(said) == outputs[drawings.label], points)
