"""A classifier from elsewhere is adapted to a family of classifiers."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.data.prepared.dataset import PreparedData
from atelier.evaluation.classification.evaluate import LabelMap
from atelier.model_card import MODEL, ModelSpec, PartSpec
from atelier.onnx.foreign import ForeignModel
from atelier.onnx.model import OnnxModel
from atelier.onnx.pixel_range import PixelRange
from pipelines.adopt.adopted import UNKNOWN_DATA, Adopted, adapted_graph, parity
from pipelines.adopt.classifier_interface import ClassifierContract, compare
from pipelines.adopt.classifier_measure import measured
from pipelines.adopt.labels import read_labels

BATCHES = (1, 2, 7)
"""Batch sizes for which the adapted file is compared with the one that came."""
MOST_ITEMS, MOST_BYTES = 2000, 50_000_000
"""Largest number of validation and training items that are read, and of their bytes."""


def adapt_classifier(
    contract: ClassifierContract,
    data: PreparedData,
    path: Path,
    labels: Path | None,
    ranges: Sequence[PixelRange],
) -> Adopted:
    """Adapt an ONNX file to the contract of a family.

    Parameters
    ----------
    data
        Its validation and training items tell what the file does not say.
    ranges
        Those that it may take.

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
    images, truth = _items(data, names)
    adaptation, measured_texts = measured(model, adaptation, images, truth, ranges)
    content = adapted_graph(model, adaptation, labels=json.dumps(names))
    return Adopted(
        contents={MODEL: content},
        spec=_spec(spec, contract, OnnxModel(content), images),
        parity={MODEL: parity(model, adaptation, content, {contract.image.name: images}, BATCHES)},
        parameters=model.parameters,
        differences=(*texts, *measured_texts, *label_texts),
    )


def _items(data: PreparedData, labels: Sequence[str]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Images of a data set, and for each the model's output for its class, -1 for a class that it does not know."""
    classes = LabelMap.match(labels, data.manifest.labels).label_to_output
    splits = data.split("val"), data.split("train")  # sorted by a hash, so the first items are a sample of all
    most = min(MOST_ITEMS, MOST_BYTES // splits[0]["image"][:1].nbytes)
    images, truth = (np.concatenate([split[field][:most] for split in splits])[:most] for field in ("image", "label"))
    return images, classes[truth].astype(np.int64)


def _spec(spec: ModelSpec, contract: ClassifierContract, session: OnnxModel, images: NDArray[Any]) -> ModelSpec:
    """The spec with the number of classes and activations of this model."""
    outputs = session(**{contract.image.name: images[:1]})
    found = tuple(
        tensor.model_copy(update={"shape": ("batch", outputs[tensor.name].shape[1])})
        for tensor in (contract.probabilities, contract.activations)
        if tensor
    )
    part = PartSpec(inputs=(contract.image,), outputs=found)
    return spec.model_copy(update={"parts": {MODEL: part}, "limits": f"{spec.limits} {UNKNOWN_DATA}"})
