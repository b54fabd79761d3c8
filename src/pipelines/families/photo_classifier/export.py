"""Export to one ONNX file: photos of any size → probabilities and features. The file resizes and scales them."""

from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from atelier.data.prepared.dataset import Manifest, ShardedArray
from atelier.model_card import MODEL, ModelSpec
from atelier.model_card import Tensor as TensorSpec
from atelier.onnx.model import OnnxModel
from atelier.onnx.parity import difference_over_batches
from pipelines.families.photo_classifier.model import KnownFeatures, build_network, served_classifier
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
    photos = inputs.photos
    train, val = photos.split("train"), photos.split("val")
    uncalibrated = served_classifier(network, 1.0, settings.model.mirror_average)
    logits = np.log(_outputs(uncalibrated, val["image"])["probabilities"] + 1e-30)
    temperature = fit_temperature(logits[None], val["label"][:].astype(np.int64))
    known = KnownFeatures.of(_outputs(uncalibrated, train["image"])["features"], train["label"][:].astype(np.int64))
    served = served_classifier(network, temperature, settings.model.mirror_average, known)
    familiarity = _outputs(served, val["image"])["familiarity"]
    below = float(np.quantile(familiarity, 1 - settings.unsure.keep))
    spec = model_spec(photos.manifest, network.output["features"].shape[1], below)
    write_onnx(served, spec.parts[MODEL], target)
    return ExportReport(
        spec=spec,
        parameters=parameter_count(network),
        parity={MODEL: parity(served, OnnxModel(target), val["image"][: max(PARITY_BATCHES)])},
    )


def trained_network(inputs: PhotoClassifierInputs, settings: PhotoClassifierSettings, folder: Path) -> keras.Model:
    """The network with the exported weights of the final checkpoint in `folder`, for photos of `model.size_in_file`."""
    trainer = new_trainer(inputs, settings, folder)
    checkpoints = Checkpoints(folder, trainer.state, fingerprint(inputs, settings))
    checkpoints.restore_finished(epochs(settings), lambda: trainer.stopping.has_stopped)
    served = settings.model.model_copy(update={"size": settings.model.size_in_file})
    network = build_network(len(inputs.photos.manifest.labels), served, inputs.backbone, settings.training.seed)
    network.set_weights(trainer.exported_weights())
    return network


def parity(served: keras.Model, model: OnnxModel, photos: NDArray[np.uint8]) -> float:
    """Largest absolute difference between the outputs of network and file, at several batch sizes and two sizes."""

    def network(image: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        return {name: np.asarray(output) for name, output in served([image], training=False).items()}

    cropped = np.ascontiguousarray(photos[:, : 3 * photos.shape[1] // 4])
    return max(difference_over_batches(network, model, {"image": each}, PARITY_BATCHES) for each in (photos, cropped))


def _outputs(served: keras.Model, photos: ShardedArray) -> dict[str, NDArray[np.float32]]:
    """Output → its values for all photos."""
    parts = [served([photos[start : start + BATCH]], training=False) for start in range(0, len(photos), BATCH)]
    return {name: np.concatenate([np.asarray(part[name]) for part in parts]) for name in parts[0]}


def contract(inputs: PhotoClassifierInputs, settings: PhotoClassifierSettings) -> ModelSpec:  # noqa: ARG001
    """The interface that a model from elsewhere is adapted to, with any number of features and never unsure."""
    return model_spec(inputs.photos.manifest, "features", None)


def model_spec(manifest: Manifest, features: int | str, unsure_below: float | None) -> ModelSpec:
    """The interface of the exported file.

    Parameters
    ----------
    unsure_below
        The familiarity below which an answer is marked as unsure. None: the file has no output `familiarity`.
    """
    photo = ("batch", "height", "width", 3)
    familiarity: tuple[TensorSpec, ...] = ()
    size = manifest.preprocessing.size if manifest.preprocessing else None
    if unsure_below is not None:
        familiarity = (TensorSpec(name="familiarity", dtype="float32", shape=("batch",), range=(-1, 1), unit="cosine"),)
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
            *familiarity,
        ),
        preprocessing=manifest.preprocessing,
        labels=manifest.labels,
        typical_sizes=dict(zip(("height", "width"), size, strict=True)) if isinstance(size, tuple) else {},
        unsure_below=unsure_below,
        intended_use=f"Classifies photos as one of {len(manifest.labels)} classes.",
        limits="Its answer for a photo of something else is one of its classes, marked as unsure at best.",
    )
