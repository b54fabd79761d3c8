"""Outputs of a classifier that judges drawings: predicted labels and features."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from atelier.errors import BadInputError
from atelier.evaluation.generation.drawings import Drawings, Ints
from atelier.onnx.model import OnnxModel

BATCH = 512
"""Drawings classified at a time."""


@dataclass(frozen=True)
class ClassifiedDrawings:
    """Drawings and the outputs of the judge for them.

    Attributes
    ----------
    drawings
        n drawings, sorted by class.
    correct
        bool (n,): whether the judge predicts the class of the drawing.
    features
        float64 (n, d), finite.
    """

    drawings: Drawings
    correct: NDArray[np.bool_]
    features: NDArray[np.float64]

    def __getitem__(self, selected: NDArray[np.bool_]) -> Self:
        return type(self)(self.drawings[selected], self.correct[selected], self.features[selected])


def match_outputs(known: tuple[str, ...], labels: tuple[str, ...], version: str) -> Ints:
    """int (labels,): index of the judge's output for each label, matched by name; -1 for an unknown label.

    Parameters
    ----------
    known
        The judge's labels, in the order of its outputs.
    version
        The judge's, for messages.

    Raises
    ------
    BadInputError
        When the judge knows none of the labels.
    """
    output_of = {name: index for index, name in enumerate(known)}
    outputs = np.array([output_of.get(label, -1) for label in labels], np.int64)
    if (outputs < 0).all():
        raise BadInputError(
            f"The judge, version {version} of the classifier, knows none of the {len(labels)} classes of the "
            f"data ({', '.join(labels[:3])}, …), so it cannot recognize the drawings. Train and promote a "
            "classifier on this data first: kedro run --pipelines quickdraw_classifier,promote, with the same --env."
        )
    return outputs


def classify_drawings(judge: OnnxModel, drawings: Drawings, outputs: Ints) -> ClassifiedDrawings:
    """Classify drawings with the judge, batch by batch.

    Parameters
    ----------
    outputs
        From `match_outputs`.

    Raises
    ------
    BadInputError
        When the judge returns NaN or infinity.
    """
    predicted, features = [], []
    for start in range(0, len(drawings.label), BATCH):
        output = judge(image=drawings.images[start : start + BATCH])
        predicted.append(output["probabilities"].argmax(axis=1))
        features.append(output["features"].astype(np.float64))
    all_features = np.concatenate(features)
    if not np.isfinite(all_features).all():
        raise BadInputError("The classifier that judges the drawings returns NaN or infinity. Train it again.")
    return ClassifiedDrawings(drawings, np.concatenate(predicted) == outputs[drawings.label], all_features)
