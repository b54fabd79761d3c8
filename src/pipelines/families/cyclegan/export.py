"""Export of both generators to ONNX files: images of any size → translated images."""

from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from atelier.model_card import ModelSpec, PartSpec
from atelier.model_card import Tensor as TensorSpec
from atelier.onnx.model import OnnxModel
from atelier.onnx.parity import largest_difference
from atelier.preprocessing.images import center_crop
from atelier.preprocessing.spec import PhotoInput
from pipelines.families.cyclegan.generators import served_generator
from pipelines.families.cyclegan.settings import CycleGanInputs, CycleGanSettings, ModelSettings
from pipelines.families.cyclegan.step import Networks
from pipelines.families.cyclegan.training import new_trainer
from pipelines.lifecycle.contracts import ExportReport, fingerprint
from pipelines.training.on_tensorflow.checkpoints import Checkpoints
from pipelines.training.on_tensorflow.exporting import parameter_count, write_onnx
from pipelines.training.on_tensorflow.hardware import set_up

PARITY_SHAPES = ((1, 64, 64), (1, 33, 47), (2, 70, 51))
"""Batch, height and width for which the outputs of a file are compared with those of the network."""
TO_PAINTING, TO_PHOTO = "to_painting", "to_photo"
"""The parts of the model."""


def export(inputs: CycleGanInputs, settings: CycleGanSettings, folder: Path, target: Path) -> ExportReport:
    """Write the averaged generators of the final checkpoint in `folder` to files beside `target`.

    The networks are built in float32, whatever the precision of the training: the exporter writes an invalid file for
    networks in bfloat16.

    Raises
    ------
    BadInputError
        When there is no checkpoint of a finished training in `folder`.
    """
    set_up(settings.hardware)
    networks = trained_networks(inputs, settings, folder)
    served = {
        TO_PAINTING: served_generator(networks.to_painting_average),
        TO_PHOTO: served_generator(networks.to_photo_average),
    }
    spec = model_spec(settings.model)
    images = {TO_PAINTING: inputs.landscapes.split("val")["image"], TO_PHOTO: inputs.van_gogh.split("val")["image"]}
    parity = {}
    for part, network in served.items():
        file = target.with_name(f"{part}.onnx")
        write_onnx(network, spec.parts[part], file)
        parity[part] = _parity(network, OnnxModel(file), images[part][:2])
    return ExportReport(spec=spec, parameters=sum(map(parameter_count, served.values())), parity=parity)


def contract(inputs: CycleGanInputs, settings: CycleGanSettings) -> ModelSpec:  # noqa: ARG001
    """The interface that networks from elsewhere are adapted to. Their reach is unknown: they get images as a whole."""
    changes = {
        "preprocessing": PhotoInput(),
        "intended_use": "Paints photos in the manner of Van Gogh, and turns such paintings into photos.",
        "limits": "Large images are not divided into tiles.",
    }
    return model_spec(settings.model).model_copy(update=changes)


def trained_networks(inputs: CycleGanInputs, settings: CycleGanSettings, folder: Path) -> Networks:
    """The networks of the final checkpoint in `folder`, in float32."""
    trainer = new_trainer(inputs, settings)
    Checkpoints(folder, trainer.state, fingerprint(inputs, settings)).restore_finished(settings.training.epochs)
    return trainer.networks


def model_spec(model: ModelSettings) -> ModelSpec:
    """The interface of the exported files."""
    shape = ("batch", "height", "width", 3)
    image, picture = (
        TensorSpec(name=name, dtype="float32", shape=shape, range=(0, 255), unit="grey level")
        for name in ("image", "picture")
    )
    part = PartSpec(inputs=(image,), outputs=(picture,))
    generators = (model.to_painting, model.to_photo)
    multiple = max(each.stride for each in generators)
    reach = -(-max(each.reach for each in generators) // multiple) * multiple
    return ModelSpec(
        parts={TO_PAINTING: part, TO_PHOTO: part},
        preprocessing=PhotoInput(reach=reach, multiple=multiple),
        labels=("Van Gogh",),
        typical_sizes={"height": 256, "width": 256},
        intended_use="Paints photos of landscapes in the manner of Van Gogh, and turns such paintings into photos.",
        limits="It learned from landscapes. People and text lose their details. A painting that is turned into a photo "
        "is blurred.",
    )


def _parity(served: keras.Model, model: OnnxModel, images: NDArray[np.uint8]) -> float:
    """Largest absolute difference between the outputs of network and file, for several shapes."""
    differences = []
    for count, height, width in PARITY_SHAPES:
        squares = [center_crop(images[row % len(images)], max(height, width)) for row in range(count)]
        image = np.stack([square[:height, :width] for square in squares]).astype(np.float32)
        expected = np.asarray(served(image, training=False)["picture"])
        differences.append(largest_difference({"picture": expected}, model(image=image)))
    return float(np.max(differences))  # unlike max, returns NaN if any value is NaN
