"""Export: the averaged generator as one ONNX file that takes noise and labels and answers with drawings."""

import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import keras
import numpy as np
import onnx
from keras import layers
from numpy.typing import NDArray

from atelier.card import ModelSpec
from atelier.card import Tensor as TensorSpec
from atelier.data.prepared import Manifest, PreparedData
from atelier.errors import BadInputError
from atelier.files import write_atomically
from atelier.onnx.model import OnnxModel
from atelier.onnx.parity import difference_over_batches
from pipelines.contracts import Exported
from pipelines.quickdraw_gan.checkpoints import Checkpoints
from pipelines.quickdraw_gan.settings import GanSettings
from pipelines.quickdraw_gan.training import made_from, new_players, set_up

OPSET = 18
PARITY_BATCHES = (1, 2, 7, 64)
"""Batch sizes at which the file is compared with the network."""


def export(data: PreparedData, settings: GanSettings, folder: Path, target: Path) -> Exported:
    """Write the averaged generator of the final checkpoint in `folder` to `target`.

    Raises
    ------
    BadInputError
        When there is no checkpoint of a finished training in `folder`.
    """
    set_up(settings.hardware)
    generator = trained_generator(data, settings, folder)
    drawing = drawing_model(generator, settings.model.truncation)
    write_onnx(drawing, target)
    return Exported(
        spec=model_spec(data.manifest, settings.model.noise),
        parameters=int(sum(np.prod(weight.shape) for weight in generator.trainable_variables)),
        parity=parity(drawing, OnnxModel(target), len(data.manifest.labels)),
    )


def trained_generator(data: PreparedData, settings: GanSettings, folder: Path) -> keras.Model:
    """The generator with the averaged weights of the final checkpoint in `folder`."""
    players = new_players(data, settings)
    if Checkpoints(folder, players, made_from(data, settings)).restore() < settings.training.epochs:
        raise BadInputError(f"Training in {folder} is not finished. Run the family's pipeline, which goes on with it.")
    return players.average


def drawing_model(generator: keras.Model, truncation: float) -> keras.Model:
    """The generator as it is served: noise is scaled by `truncation`, drawings are 0 black paper to 1 white stroke."""
    noise, label = (keras.Input(x.shape[1:], dtype=x.dtype, name=x.name) for x in generator.inputs)
    image = generator([noise * truncation, label], training=False)
    return keras.Model([noise, label], {"image": layers.Rescaling(0.5, 0.5)(image)})


def write_onnx(drawing: keras.Model, target: Path) -> None:
    """Export for any number of drawings."""
    signature = [keras.InputSpec(shape=x.shape, dtype=x.dtype, name=x.name) for x in drawing.inputs]
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # the exporter looks for what an older NumPy had
        path = Path(folder, "model.onnx")
        drawing.export(path, format="onnx", input_signature=[signature], opset_version=OPSET, verbose=False)
        model = onnx.load(path)
    for tensor in (*model.graph.input, *model.graph.output):  # the exporter numbers the axis
        tensor.type.tensor_type.shape.dim[0].dim_param = "batch"
    onnx.checker.check_model(model, full_check=True)
    write_atomically(target, model.SerializeToString(deterministic=True))


def parity(drawing: keras.Model, model: OnnxModel, classes: int) -> float:
    """Largest absolute difference between network and file, over batches of several sizes, label after label."""
    count = max(PARITY_BATCHES)
    noise = np.random.default_rng(0).standard_normal((count, drawing.inputs[0].shape[1]), np.float32)
    inputs: dict[str, NDArray[Any]] = {"noise": noise, "label": np.arange(count) % classes}

    def network(noise: NDArray[np.float32], label: NDArray[np.int64]) -> dict[str, NDArray[np.float32]]:
        return {"image": np.asarray(drawing([noise, label], training=False)["image"])}

    return difference_over_batches(network, model, inputs, PARITY_BATCHES)


def model_spec(manifest: Manifest, noise: int) -> ModelSpec:
    """The interface of the exported file."""
    labels = manifest.labels
    return ModelSpec(
        inputs=(
            TensorSpec(name="noise", dtype="float32", shape=("batch", noise), unit="standard deviations"),
            TensorSpec(name="label", dtype="int64", shape=("batch",), range=(0, len(labels) - 1), unit="label"),
        ),
        outputs=(TensorSpec(name="image", dtype="float32", shape=("batch", 28, 28, 1), range=(0, 1), unit="ink"),),
        preprocessing=manifest.preprocessing,
        labels=labels,
        intended_use=f"Sketches of {len(labels)} categories, in the manner of people who draw for 20 seconds.",
        limits="Knows no other category. What it draws may look like no object, or like another one.",
    )
