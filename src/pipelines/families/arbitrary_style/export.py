"""Export of the final checkpoint to one ONNX file, which computes the statistics of paintings and stylizes photos."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from atelier.model_card import MODEL, ModelSpec
from atelier.model_card import Tensor as TensorSpec
from atelier.onnx.model import OnnxModel
from atelier.onnx.parity import largest_difference
from atelier.predictors.stylizer import MIN_SIDE
from atelier.preprocessing.spec import PhotoInput
from pipelines.families.arbitrary_style.batches import Images, as_tensor
from pipelines.families.arbitrary_style.model import StyleNet
from pipelines.families.arbitrary_style.settings import ArbitraryStyleInputs, ArbitraryStyleSettings
from pipelines.families.arbitrary_style.training import new_network
from pipelines.lifecycle.contracts import ExportReport
from pipelines.training.on_torch.checkpoints import trained_state
from pipelines.training.on_torch.exporting import parameter_count, write_onnx

OUTPUTS = ("picture", "statistics")
TYPICAL_SIDE = 512
"""Side of the images for which latency and memory are measured, in pixels."""
PARITY_SHAPES = ((1, 96, 96), (3, 65, 83), (1, 127, 64), (2, MIN_SIDE, MIN_SIDE + 1))
"""Batch, height and width for which the outputs of the file are compared with those of the network.

They differ, because an export may treat any of these axes as fixed.
"""


class ServedStylizer(nn.Module):
    """The network as it is served, with images (batch, height, width, 3).

    Parameters
    ----------
    network
        A trained network.
    """

    def __init__(self, network: StyleNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor, style: Tensor, strength: Tensor) -> tuple[Tensor, Tensor]:
        stylized, statistics = self.network(image.permute(0, 3, 1, 2), style, strength)
        return stylized.permute(0, 2, 3, 1), statistics


def export(inputs: ArbitraryStyleInputs, settings: ArbitraryStyleSettings, folder: Path, target: Path) -> ExportReport:
    """Write the network of the final checkpoint in `folder` to the ONNX file `target`.

    Raises
    ------
    BadInputError
        When there is no checkpoint of a finished training in `folder`.
    """
    network = new_network(inputs.perceptual, settings)
    network.load_state_dict(trained_state(folder, settings.training.epochs, "network"))
    served = ServedStylizer(network).eval()
    write_stylizer_onnx(served, target)
    photos, paintings = Images("val", inputs.coco, inputs.landscapes), Images("val", inputs.van_gogh)
    return ExportReport(
        spec=model_spec(2 * network.channels),
        parameters=parameter_count(network),
        parity={MODEL: parity(served, OnnxModel(target), photos, paintings)},
    )


def write_stylizer_onnx(served: ServedStylizer, target: Path) -> None:
    """Export for batches of any number of images of any size."""
    # Without bounds, because the exporter needs minutes to check them for all pools and paddings.
    dim = torch.export.Dim.DYNAMIC
    example = {
        "image": torch.zeros(2, 64, 72, 3),
        "style": torch.ones(2, 2 * served.network.channels),
        "strength": torch.ones(2),
    }
    dynamic = {"image": {0: dim, 1: dim, 2: dim}, "style": {0: dim}, "strength": {0: dim}}
    write_onnx(served, example, OUTPUTS, dynamic, target)


def parity(served: ServedStylizer, model: OnnxModel, photos: Images, paintings: Images) -> float:
    """Largest absolute difference between the outputs of network and file, for several shapes.

    The unit is gray levels for images, and activations of the perceptual network, which have a similar range, for
    statistics.
    """
    differences = []
    for batch, height, width in PARITY_SHAPES:
        photo, painting = (_batch(images, batch, height, width) for images in (photos, paintings))
        strength = np.linspace(1, 0.25, batch, dtype=np.float32)
        inputs = {"image": photo, "style": _run(served, painting)["statistics"], "strength": strength}
        differences.append(largest_difference(_run(served, **inputs), model(**inputs)))
    return float(np.max(differences))  # unlike max, returns NaN if any value is NaN


def model_spec(size: int) -> ModelSpec:
    """The interface of the exported file.

    Parameters
    ----------
    size
        Size of the statistics of a style.
    """
    image_shape = ("batch", "height", "width", 3)
    unit = "activation of the perceptual network"
    return ModelSpec.single(
        inputs=(
            TensorSpec(name="image", dtype="float32", shape=image_shape, range=(0, 255), unit="grey level"),
            TensorSpec(name="style", dtype="float32", shape=("batch", size), range=(1, 50), unit=unit),
            TensorSpec(name="strength", dtype="float32", shape=("batch",), range=(0, 1), unit="share of the style"),
        ),
        outputs=(
            TensorSpec(name="picture", dtype="float32", shape=image_shape, range=(0, 255), unit="grey level"),
            TensorSpec(name="statistics", dtype="float32", shape=("batch", size), unit=unit),
        ),
        preprocessing=PhotoInput(),
        typical_sizes={"height": TYPICAL_SIDE, "width": TYPICAL_SIDE},
        intended_use="Stylizes any photo in the style of any painting or blend of paintings, with variable strength.",
        limits=(
            "Trained on paintings of Van Gogh and everyday photos. Very different styles are approximated by similar "
            "styles from training. It transfers colors and strokes, not the subject of a painting. "
            f"Each side of an image must have at least {MIN_SIDE} pixels."
        ),
    )


def _run(
    served: ServedStylizer,
    image: NDArray[np.float32],
    style: NDArray[np.float32] | None = None,
    strength: NDArray[np.float32] | None = None,
) -> Mapping[str, NDArray[np.float32]]:
    """Outputs of the network. The style may be omitted if only the statistics are used."""
    style = np.ones((len(image), 2 * served.network.channels), np.float32) if style is None else style
    strength = np.ones(len(image), np.float32) if strength is None else strength
    with torch.inference_mode():
        outputs = served(*(torch.from_numpy(array) for array in (image, style, strength)))
    return {name: output.numpy() for name, output in zip(OUTPUTS, outputs, strict=True)}


def _batch(images: Images, batch: int, height: int, width: int) -> NDArray[np.float32]:
    """The first images, resized without keeping their proportions: (batch, height, width, 3)."""
    tensors = [as_tensor(images[index % len(images)]) for index in range(batch)]
    size = (height, width)
    resized = [nn.functional.interpolate(tensor, size, mode="bilinear", align_corners=False) for tensor in tensors]
    return np.ascontiguousarray(torch.cat(resized).permute(0, 2, 3, 1).numpy())
