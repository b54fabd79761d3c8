"""Export of the final checkpoint to one ONNX file: gray levels → probabilities and features."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from atelier.data.prepared.dataset import Manifest, ShardedArray
from atelier.model_card import MODEL, ModelSpec
from atelier.model_card import Tensor as TensorSpec
from atelier.onnx.model import OnnxModel
from atelier.onnx.parity import difference_over_batches
from pipelines.families.quickdraw_classifier.model import DrawingNet
from pipelines.families.quickdraw_classifier.settings import ClassifierInputs, ClassifierSettings
from pipelines.families.quickdraw_classifier.step import scaled
from pipelines.lifecycle.contracts import ExportReport
from pipelines.training.calibration import CALIBRATION_ITEMS, fit_temperature
from pipelines.training.on_torch.batches import Batches
from pipelines.training.on_torch.calibration import calibrate
from pipelines.training.on_torch.checkpoints import trained_state
from pipelines.training.on_torch.exporting import parameter_count, write_onnx

OUTPUTS = ("probabilities", "features")
VALIDATION_BATCH = 512
"""Number of validation drawings that are classified at a time."""
PARITY_BATCHES = (1, 2, 7, 64)
"""Batch sizes for which the outputs of the file are compared with those of the network."""


class ServedClassifier(nn.Module):
    """The network as it is served: uint8 (n, 28, 28) → probabilities (n, classes) and features (n, d).

    Parameters
    ----------
    network
        A trained network.
    flip_average
        Whether to average the outputs for the drawing and for its mirror image.
    """

    def __init__(self, network: DrawingNet, flip_average: bool) -> None:
        super().__init__()
        self.network = network
        self.flip_average = flip_average

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        images = scaled(image)
        probabilities, features = self._classify(images)
        if self.flip_average:
            flipped_probabilities, flipped_features = self._classify(images.flip(3))
            probabilities = (probabilities + flipped_probabilities) / 2
            features = (features + flipped_features) / 2
        return probabilities, features

    def _classify(self, images: Tensor) -> tuple[Tensor, Tensor]:
        features = self.network.features(images)
        return torch.softmax(self.network.head(features), dim=1), features


def export(inputs: ClassifierInputs, settings: ClassifierSettings, folder: Path, target: Path) -> ExportReport:
    """Calibrate the averaged network of the final checkpoint in `folder` and write it to the ONNX file `target`.

    Raises
    ------
    BadInputError
        When there is no checkpoint of a finished training in `folder`.
    """
    data = inputs.quickdraw
    network = trained_network(data.manifest, settings, folder)
    calibrate(network.head, fit_temperature(*_predict_logits(network, data.split("val"), settings.model.flip_average)))
    served = ServedClassifier(network, settings.model.flip_average).eval()
    images = data.split("val")["image"][: max(PARITY_BATCHES)]
    size = images.shape[1]
    write_classifier_onnx(served, size, target)
    model = OnnxModel(target)
    spec = model_spec(data.manifest, size, network.head.in_features)
    return ExportReport(
        spec=spec.model_copy(update={"unsure_below": unsure_below(model, data.split("val"), settings.model.unsure)}),
        parameters=parameter_count(network),
        parity={MODEL: parity(served, model, images)},
    )


def unsure_below(model: OnnxModel, split: Mapping[str, ShardedArray], fraction: float) -> float | None:
    """The highest probability of a class below which this fraction of the split's drawings lies; None for 0.

    The maximum of the softmax is the usual baseline for inputs that are of no known class (Hendrycks and Gimpel, A
    baseline for detecting misclassified and out-of-distribution examples in neural networks, 2017).
    """
    if not fraction:
        return None
    count = min(CALIBRATION_ITEMS, len(split["label"]))
    starts = range(0, count, VALIDATION_BATCH)
    images = (split["image"][start : start + VALIDATION_BATCH] for start in starts)
    highest = np.concatenate([model(image=batch)["probabilities"].max(axis=1) for batch in images])
    return float(np.quantile(highest, fraction))


def trained_network(manifest: Manifest, settings: ClassifierSettings, folder: Path) -> DrawingNet:
    """The network with the averaged weights of the final checkpoint in `folder`, in evaluation mode."""
    state = trained_state(folder, settings.training.epochs, "average.module")
    network = DrawingNet(len(manifest.labels), settings.model.widths, settings.model.depths)
    network.load_state_dict(state)
    return network.eval()


@torch.no_grad()
def _predict_logits(
    network: DrawingNet, split: Mapping[str, ShardedArray], flip_average: bool
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Logits (views, n, classes) and labels (n,) of the drawings that the temperature is fitted on.

    The views are those of `ServedClassifier`: the drawing, and with `flip_average` its mirror image.
    """
    order = np.arange(min(CALIBRATION_ITEMS, len(split["label"])))
    views, labels = [], []
    for batch, batch_labels in Batches(split, order, VALIDATION_BATCH):
        images = scaled(batch)
        flips = (images, images.flip(3)) if flip_average else (images,)
        views.append(torch.stack([network(view) for view in flips]))
        labels.append(batch_labels)
    return torch.cat(views, dim=1).numpy(), torch.cat(labels).numpy()


def write_classifier_onnx(served: nn.Module, size: int, target: Path) -> None:
    """Export for batches of any number of `size` × `size` images."""
    example = {"image": torch.zeros(2, size, size, dtype=torch.uint8)}
    write_onnx(served, example, OUTPUTS, {"image": {0: torch.export.Dim("batch", min=1)}}, target)


def parity(served: nn.Module, model: OnnxModel, images: NDArray[np.uint8]) -> float:
    """Largest absolute difference between the outputs of network and file, for several batch sizes."""

    def network(image: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        with torch.inference_mode():
            outputs = served(torch.from_numpy(image))
        return {name: output.numpy() for name, output in zip(OUTPUTS, outputs, strict=True)}

    return difference_over_batches(network, model, {"image": images}, PARITY_BATCHES)


def contract(inputs: ClassifierInputs, settings: ClassifierSettings) -> ModelSpec:  # noqa: ARG001
    """The interface that a model from elsewhere is adapted to, with any number of features."""
    manifest = inputs.quickdraw.manifest
    return model_spec(manifest, inputs.quickdraw.split("val")["image"].shape[1], "features")


def model_spec(manifest: Manifest, size: int, features: int | str) -> ModelSpec:
    """The interface of the exported file."""
    labels = manifest.labels
    return ModelSpec.single(
        inputs=(
            TensorSpec(name="image", dtype="uint8", shape=("batch", size, size), range=(0, 255), unit="grey level"),
        ),
        outputs=(
            TensorSpec(
                name="probabilities",
                dtype="float32",
                shape=("batch", len(labels)),
                range=(0, 1),
                unit="probability",
            ),
            TensorSpec(name="features", dtype="float32", shape=("batch", features), unit="activation"),
        ),
        preprocessing=manifest.preprocessing,
        labels=labels,
        intended_use=f"Classifies line drawings of {len(labels)} categories, as people draw them in 20 seconds.",
        limits="Predicts one of its categories for any input. Expects white strokes on black, not photos.",
    )
