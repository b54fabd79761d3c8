"""An adopted model: the adapted graph with its spec, and what differed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.data.prepared.dataset import PreparedData
from atelier.evaluation.classification.evaluate import LabelMap
from atelier.model_card import MODEL, ModelSpec, PartSpec
from atelier.onnx.foreign import ForeignModel
from atelier.onnx.model import OnnxModel
from pipelines.adopt.interface import Contract, compare
from pipelines.adopt.labels import read_labels
from pipelines.adopt.measure import measured, open_adapted, parity, ranges_named
from pipelines.lifecycle.contracts import FamilyInputs
from pipelines.lifecycle.families import Family

MOST_ITEMS, MOST_BYTES = 2000, 50_000_000
"""Largest number of validation and training items that are read, and of their bytes."""


@dataclass(frozen=True)
class Adopted:
    """The result of `adapt`."""

    content: bytes
    """Of the adapted ONNX file."""
    spec: ModelSpec
    parity: float
    """Largest difference between the outputs of the adapted file and of the one that came."""
    parameters: int
    differences: tuple[str, ...]
    """What differed from the family, in sentences."""


def adapt(
    entry: Family,
    inputs: FamilyInputs,
    contract: Contract,
    path: Path,
    labels: Path | None,
    pixels: str | None,
) -> Adopted:
    """Adapt an ONNX file to the contract of a family.

    Parameters
    ----------
    pixels
        The range that it takes, as in `RANGES`; None: measure it.

    Raises
    ------
    BadInputError
        When that is not possible; the message says what to change.
    """
    model = ForeignModel.read(path)
    adaptation, texts = compare(model, contract)
    classes = adaptation.scores_output.shape[1]
    names, label_texts = read_labels(labels, classes if isinstance(classes, int) else None, contract.spec.labels)
    spec = contract.spec.model_copy(update={"labels": names})
    images, truth = _items(inputs, entry.data[0], names)
    adaptation, measured_texts = measured(model, adaptation, images, truth, ranges_named(pixels))
    session = open_adapted(model, adaptation)
    assert isinstance(session.source, bytes)
    return Adopted(
        content=session.source,
        spec=_spec(spec, contract, session, images),
        parity=parity(model, adaptation, session, images),
        parameters=model.parameters,
        differences=(*texts, *measured_texts, *label_texts),
    )


def _items(inputs: FamilyInputs, name: str, labels: Sequence[str]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Images of a data set, and for each the model's output for its class, -1 for a class that it does not know."""
    data = inputs.named()[name]
    assert isinstance(data, PreparedData)
    classes = LabelMap.match(labels, data.manifest.labels).label_to_output
    splits = data.split("val"), data.split("train")  # sorted by a hash, so the first items are a sample of all
    most = min(MOST_ITEMS, MOST_BYTES // splits[0]["image"][:1].nbytes)
    images, truth = (np.concatenate([split[field][:most] for split in splits])[:most] for field in ("image", "label"))
    return images, classes[truth].astype(np.int64)


def _spec(spec: ModelSpec, contract: Contract, session: OnnxModel, images: NDArray[Any]) -> ModelSpec:
    """The spec with the number of classes and activations of this model."""
    outputs = session(**{contract.image.name: images[:1]})
    found = tuple(
        tensor.model_copy(update={"shape": ("batch", outputs[tensor.name].shape[1])})
        for tensor in (contract.probabilities, contract.activations)
        if tensor
    )
    limits = f"{spec.limits} It was trained elsewhere: on what, and whether on today's test items, is not known here."
    part = PartSpec(inputs=(contract.image,), outputs=found)
    return spec.model_copy(update={"parts": {MODEL: part}, "limits": limits})
