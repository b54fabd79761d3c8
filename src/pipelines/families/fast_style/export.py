"""Export: one ONNX file that takes photos of any size and weights of the styles, and answers with pictures."""

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
from pipelines.families.fast_style.model import painting_model
from pipelines.families.fast_style.settings import FastStyleInputs, FastStyleSettings
from pipelines.families.fast_style.styles import Style, choose, resized
from pipelines.families.fast_style.training import new_trainer
from pipelines.lifecycle.contracts import ExportReport, fingerprint
from pipelines.training.on_tensorflow.checkpoints import Checkpoints
from pipelines.training.on_tensorflow.exporting import parameter_count, write_onnx
from pipelines.training.on_tensorflow.hardware import set_up

PARITY_SHAPES = ((1, 64, 64), (1, 33, 47), (3, 70, 51), (3, 128, 96))
"""Number, height and width of the photos on which the file is compared with the network."""
THUMBNAIL = 96
"""Pixels of a thumbnail's side."""


def export(inputs: FastStyleInputs, settings: FastStyleSettings, folder: Path, target: Path) -> ExportReport:
    """Write the network of the final checkpoint in `folder` to `target`.

    Raises
    ------
    BadInputError
        When there is no checkpoint of a finished training in `folder`.
    """
    set_up(settings.hardware)
    network = trained_network(inputs, settings, folder)
    painting = painting_model(network)
    spec = model_spec(choose(inputs.van_gogh, settings.styles))
    write_onnx(painting, spec.parts[MODEL], target)
    return ExportReport(
        spec=spec,
        parameters=parameter_count(network),
        parity={MODEL: parity(painting, OnnxModel(target), inputs.coco.split("val")["image"][:3])},
    )


def trained_network(inputs: FastStyleInputs, settings: FastStyleSettings, folder: Path) -> keras.Model:
    """The network of the final checkpoint in `folder`."""
    trainer = new_trainer(inputs, settings)
    Checkpoints(folder, trainer.state, fingerprint(inputs, settings)).restore_finished(settings.training.epochs)
    return trainer.network


def parity(painting: keras.Model, model: OnnxModel, photos: NDArray[np.uint8]) -> float:
    """Largest absolute difference between network and file, in grey levels, over sizes, batches and weights."""

    def difference(shape: tuple[int, int, int], weights: NDArray[np.float32]) -> float:
        count, height, width = shape
        image = np.stack([_resized(photos[row % len(photos)], height, width) for row in range(count)])
        batch: dict[str, NDArray[Any]] = {"image": image.astype(np.float32), "weights": weights}
        pictures = painting(list(batch.values()), training=False)
        return largest_difference({"picture": np.asarray(pictures["picture"])}, model(**batch))

    styles = painting.inputs[1].shape[1]
    differences = [difference(shape, weights) for shape in PARITY_SHAPES for weights in _weights(shape[0], styles)]
    return float(np.max(differences))  # lets a NaN through


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
        intended_use=f"Repaints photos in the styles of {len(styles)} paintings, and in blends of them.",
        limits="Knows no other style. Strokes keep their size in pixels, so a larger photo has finer ones; each side "
        "of a photo has at least 32 pixels.",
    )


def thumbnail(painting: NDArray[np.uint8]) -> str:
    """A small picture of it as a `data:` URL."""
    buffer = io.BytesIO()
    Image.fromarray(resized(painting, THUMBNAIL)).save(buffer, "webp", quality=80)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _weights(count: int, styles: int) -> list[NDArray[np.float32]]:
    """All 0, one style, a blend, and a sum above 1: (count, styles) each."""
    blend: NDArray[np.float32] = np.random.default_rng(0).dirichlet(np.ones(styles), count).astype(np.float32)
    one = np.eye(styles, dtype=np.float32)[np.arange(count) % styles]
    return [np.zeros_like(blend), one, 0.5 * blend, np.ones_like(blend)]


def _resized(photo: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(photo).resize((width, height)))
