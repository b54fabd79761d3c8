"""Export to one ONNX file: photos of any size → probabilities and features. The file resizes and scales them."""

from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from atelier.data.prepared.dataset import Manifest
from atelier.model_card import MODEL, ModelSpec
from atelier.model_card import Tensor as TensorSpec
from atelier.onnx.model import OnnxModel
from atelier.onnx.parity import difference_over_batches
from pipelines.families.photo_classifier.model import served_classifier
from pipelines.families.photo_classifier.settings import PhotoClassifierInputs, PhotoClassifierSettings
from pipelines.families.photo_classifier.training import epochs, new_trainer
from pipelines.lifecycle.contracts import ExportReport, fingerprint
from pipelines.training.calibration import fit_temperature
from pipelines.training.on_tensorflow.checkpoints import Checkpoints
from pipelines.training.on_tensorflow.exporting import parameter_count, write_onnx
from pipelines.training.on_tensorflow.hardware import set_up

PARITY_BATCHES = (1, 3)
"""Batch sizes for which the outputs of the file are compared with those of the network."""
BATCH = 32


def export(
    inputs: PhotoClassifierInputs, settings: PhotoClassifierSettings, folder: Path, target: Path
) -> ExportReport:
    """Calibrate the network of the final checkpoint in `folder` and write it to the ONNX file `target`.

    Raises
    ------
    BadInputError
        When there is no checkpoint of a finished training in `folder`.
    """
    set_up(settings.hardware)
    network = trained_network(inputs, settings, folder)
    val = inputs.photos.split("val")
    labels = val["label"][:].astype(np.int64)
    uncalibrated = np.log(_probabilities(served_classifier(network, 1.0, settings.model.mirror_average), val["image"]))
    temperature = fit_temperature(uncalibrated, labels)
    served = served_classifier(network, temperature, settings.model.mirror_average)
    spec = model_spec(inputs.photos.manifest, network, settings, _probabilities(served, val["image"]), labels)
    write_onnx(served, spec.parts[MODEL], target)
    return ExportReport(
        spec=spec,
        parameters=parameter_count(network),
        parity={MODEL: parity(served, OnnxModel(target), val["image"][: max(PARITY_BATCHES)])},
    )


def trained_network(inputs: PhotoClassifierInputs, settings: PhotoClassifierSettings, folder: Path) -> keras.Model:
    """The network with the exported weights of the final checkpoint in `folder`."""
    trainer = new_trainer(inputs, settings, folder)
    Checkpoints(folder, trainer.state, fingerprint(inputs, settings)).restore_finished(epochs(settings))
    trainer.network.set_weights(trainer.exported_weights())
    return trainer.network


def parity(served: keras.Model, model: OnnxModel, photos: NDArray[np.uint8]) -> float:
    """Largest absolute difference between the outputs of network and file, at several batch sizes and two sizes."""

    def network(image: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        return {name: np.asarray(output) for name, output in served([image], training=False).items()}

    cropped = np.ascontiguousarray(photos[:, : 3 * photos.shape[1] // 4])
    return max(difference_over_batches(network, model, {"image": each}, PARITY_BATCHES) for each in (photos, cropped))


def _probabilities(served: keras.Model, photos: NDArray[np.uint8]) -> NDArray[np.float32]:
    found = [
        np.asarray(served([photos[start : start + BATCH]], training=False)["probabilities"])
        for start in range(0, len(photos), BATCH)
    ]
    return np.concatenate(found)


def model_spec(
    manifest: Manifest,
    network: keras.Model,
    settings: PhotoClassifierSettings,
    probabilities: NDArray[np.float32],
    labels: NDArray[np.int64],
) -> ModelSpec:
    """The interface of the exported file.

    Parameters
    ----------
    probabilities, labels
        Of the validation photos; they set the confidence below which an answer is marked as unsure.
    """
    photo, features = ("batch", "height", "width", 3), network.output["features"].shape[1]
    size = manifest.preprocessing.size if manifest.preprocessing else None  # type: ignore[union-attr]
    return ModelSpec.single(
        inputs=(TensorSpec(name="image", dtype="uint8", shape=photo, range=(0, 255), unit="grey level"),),
        outputs=(
            TensorSpec(
                name="probabilities",
                dtype="float32",
                shape=("batch", len(manifest.labels)),
                range=(0, 1),
                unit="probability",
            ),
            TensorSpec(name="features", dtype="float32", shape=("batch", features), unit="activation"),
        ),
        preprocessing=manifest.preprocessing,
        labels=manifest.labels,
        typical_sizes=dict(zip(("height", "width"), size, strict=True)) if isinstance(size, tuple) else {},
        unsure_below=unsure_below(probabilities, labels, settings.unsure.keep),
        intended_use=f"Classifies photos as one of {len(manifest.labels)} classes.",
        limits="Its answer for a photo of something else is one of its classes, marked as unsure at best.",
    )


def unsure_below(probabilities: NDArray[np.float32], labels: NDArray[np.int64], keep: float) -> float:
    """The confidence that a fraction `keep` of the correct answers on validation photos reach."""
    correct = probabilities.argmax(1) == labels
    confidence = probabilities.max(1)[correct] if correct.any() else probabilities.max(1)
    return float(np.quantile(confidence, 1 - keep))
