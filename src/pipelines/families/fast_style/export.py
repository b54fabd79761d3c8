"""Export to one ONNX file: photos of any size and weights of the styles → stylized images."""

import base64
import io
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from atelier.model_card import MODEL, ModelSpec
from atelier.model_card import Tensor as TensorSpec
from atelier.onnx.model import OnnxModel
from atelier.onnx.parity import largest_difference
from atelier.preprocessing.spec import PhotoInput
from pipelines.families.fast_style.model import served_stylizer
from pipelines.families.fast_style.settings import FastStyleInputs, FastStyleSettings
from pipelines.families.fast_style.styles import Style, resized, select_styles
from pipelines.families.fast_style.training import new_trainer
from pipelines.lifecycle.contracts import ExportReport, fingerprint
from pipelines.training.on_tensorflow.checkpoints import Checkpoints
from pipelines.training.on_tensorflow.exporting import parameter_count, write_onnx
from pipelines.training.on_tensorflow.hardware import set_up

PARITY_SHAPES = ((1, 64, 64), (1, 33, 47), (3, 70, 51), (3, 128, 96))
"""Batch, height and width for which the outputs of the file are compared with those of the network."""
THUMBNAIL = 96
"""Side of a thumbnail, in pixels."""


def export(inputs: FastStyleInputs, settings: FastStyleSettings, folder: Path, target: Path) -> ExportReport:
    """Write the network of the final checkpoint in `folder` to the ONNX file `target`.

    Raises
    ------
    BadInputError
        When there is no checkpoint of a finished training in `folder`.
    """
    set_up(settings.hardware)
    network = trained_network(inputs, settings, folder)
    served = served_stylizer(network)
    spec = model_spec(select_styles(inputs.van_gogh, settings.styles))
    write_onnx(served, spec.parts[MODEL], target)
    return ExportReport(
        spec=spec,
        parameters=parameter_count(network),
        parity={MODEL: parity(served, OnnxModel(target), inputs.coco.split("val")["image"][:3])},
    )


def trained_network(inputs: FastStyleInputs, settings: FastStyleSettings, folder: Path) -> keras.Model:
    """The network of the final checkpoint in `folder`."""
    trainer = new_trainer(inputs, settings)
    Checkpoints(folder, trainer.state, fingerprint(inputs, settings)).restore_finished(settings.training.epochs)
    return trainer.network


def parity(served: keras.Model, model: OnnxModel, photos: NDArray[np.uint8]) -> float:
    """Largest absolute difference between the outputs of network and file, for several shapes and weights."""

    def difference(shape: tuple[int, int, int], weights: NDArray[np.float32]) -> float:
        count, height, width = shape
        image = np.stack([_resized(photos[row % len(photos)], height, width) for row in range(count)])
        batch: dict[str, NDArray[Any]] = {"image": image.astype(np.float32), "weights": weights}
        outputs = served(list(batch.values()), training=False)
        return largest_difference({"picture": np.asarray(outputs["picture"])}, model(**batch))

    styles = served.inputs[1].shape[1]
    differences = [difference(shape, weights) for shape in PARITY_SHAPES for weights in _weights(shape[0], styles)]
    return float(np.max(differences))  # unlike max, returns NaN if any value is NaN


def model_spec(styles: tuple[Style, ...]) -> ModelSpec:
    """The interface of the exported file."""
    photo = ("batch", "height", "width", 3)
    return ModelSpec.single(
        inputs=(
            TensorSpec(name="image", dtype="float32", shape=photo, range=(0, 255), unit="grey level"),
            TensorSpec(name="weights", dtype="float32", shape=("batch", len(styles)), range=(0, 1), unit="strength"),
        ),
        outputs=(TensorSpec(name="picture", dtype="float32", shape=photo, range=(0, 255), unit="grey level"),),
        preprocessing=PhotoInput(),
        labels=tuple(style.name for style in styles),
        thumbnails={style.name: thumbnail(style.painting) for style in styles},
        typical_sizes={"height": 512, "width": 512},
        intended_use=f"Stylizes photos in the styles of {len(styles)} paintings, and in blends of these styles.",
        limits="It knows no other style. Strokes have a fixed size in pixels, so they look finer in a larger photo. "
        "Each side of a photo must have at least 32 pixels.",
    )


def thumbnail(painting: NDArray[np.uint8]) -> str:
    """A small image of the painting as a `data:` URL."""
    buffer = io.BytesIO()
    Image.fromarray(resized(painting, THUMBNAIL)).save(buffer, "webp", quality=80)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _weights(count: int, styles: int) -> list[NDArray[np.float32]]:
    """Weights (count, styles) that are all 0, of one style, of a blend, and with a sum above 1."""
    blend: NDArray[np.float32] = np.random.default_rng(0).dirichlet(np.ones(styles), count).astype(np.float32)
    single = np.eye(styles, dtype=np.float32)[np.arange(count) % styles]
    return [np.zeros_like(blend), single, 0.5 * blend, np.ones_like(blend)]


def _resized(photo: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(photo).resize((width, height)))
