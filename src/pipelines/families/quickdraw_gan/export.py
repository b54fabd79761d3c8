"""Export of the averaged generator to one ONNX file: noise and labels → drawings."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from atelier.data.prepared.dataset import Manifest
from atelier.model_card import MODEL, ModelSpec
from atelier.model_card import Tensor as TensorSpec
from atelier.onnx.model import OnnxModel
from atelier.onnx.parity import difference_over_batches
from pipelines.families.quickdraw_gan.settings import GanInputs, GanSettings
from pipelines.families.quickdraw_gan.training import new_trainer
from pipelines.lifecycle.contracts import ExportReport, fingerprint
from pipelines.training.on_tensorflow.checkpoints import Checkpoints
from pipelines.training.on_tensorflow.exporting import parameter_count, write_onnx
from pipelines.training.on_tensorflow.hardware import set_up

PARITY_BATCHES = (1, 2, 7, 64)
"""Batch sizes for which the outputs of the file are compared with those of the network."""


def export(inputs: GanInputs, settings: GanSettings, folder: Path, target: Path) -> ExportReport:
    """Write the averaged generator of the final checkpoint in `folder` to the ONNX file `target`.

    Raises
    ------
    BadInputError
        When there is no checkpoint of a finished training in `folder`.
    """
    set_up(settings.hardware)
    manifest = inputs.quickdraw.manifest
    generator = trained_generator(inputs, settings, folder)
    served = served_generator(generator, settings.model.truncation)
    spec = model_spec(manifest, settings.model.noise)
    write_onnx(served, spec.parts[MODEL], target)
    return ExportReport(
        spec=spec,
        parameters=parameter_count(generator),
        parity={MODEL: parity(served, OnnxModel(target), len(manifest.labels))},
    )


def trained_generator(inputs: GanInputs, settings: GanSettings, folder: Path) -> keras.Model:
    """The generator with the averaged weights of the final checkpoint in `folder`."""
    trainer = new_trainer(inputs.quickdraw.manifest, settings)
    Checkpoints(folder, trainer.state, fingerprint(inputs, settings)).restore_finished(settings.training.epochs)
    return trainer.average


def served_generator(generator: keras.Model, truncation: float) -> keras.Model:
    """The generator as it is served: noise is scaled by `truncation`; 0 is black paper, 1 a white stroke."""
    noise, label = (keras.Input(x.shape[1:], dtype=x.dtype, name=x.name) for x in generator.inputs)
    image = generator([noise * truncation, label], training=False)
    return keras.Model([noise, label], {"image": layers.Rescaling(0.5, 0.5)(image)})


def parity(served: keras.Model, model: OnnxModel, classes: int) -> float:
    """Largest absolute difference between the outputs of network and file, for several batch sizes and all labels."""
    count = max(PARITY_BATCHES)
    noise = np.random.default_rng(0).standard_normal((count, served.inputs[0].shape[1]), np.float32)
    inputs: dict[str, NDArray[Any]] = {"noise": noise, "label": np.arange(count) % classes}

    def network(noise: NDArray[np.float32], label: NDArray[np.int64]) -> dict[str, NDArray[np.float32]]:
        return {"image": np.asarray(served([noise, label], training=False)["image"])}

    return difference_over_batches(network, model, inputs, PARITY_BATCHES)


def model_spec(manifest: Manifest, noise: int) -> ModelSpec:
    """The interface of the exported file."""
    labels = manifest.labels
    return ModelSpec.single(
        inputs=(
            TensorSpec(name="noise", dtype="float32", shape=("batch", noise), unit="standard deviations"),
            TensorSpec(name="label", dtype="int64", shape=("batch",), range=(0, len(labels) - 1), unit="label"),
        ),
        outputs=(TensorSpec(name="image", dtype="float32", shape=("batch", 28, 28, 1), range=(0, 1), unit="ink"),),
        preprocessing=manifest.preprocessing,
        labels=labels,
        intended_use=f"Generates sketches of {len(labels)} categories, as people draw them in 20 seconds.",
        limits="It knows no other category. A drawing may look like no object or like another one.",
    )
