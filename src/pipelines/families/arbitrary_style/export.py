"""Export: the final checkpoint as one ONNX file that reads the style of a painting and paints photos in it."""

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
TYPICAL = 512
"""Pixels of each side at which cost is measured."""
PARITY_SHAPES = ((1, 96, 96), (3, 65, 83), (1, 127, 64), (2, MIN_SIDE, MIN_SIDE + 1))
"""Batch, height and width at which the file is compared with the network: an export can freeze any of them."""


class Painting(nn.Module):
    """The network as it is served, with images (batch, height, width, 3).

    Parameters
    ----------
    network
        A trained one.
    """

    def __init__(self, network: StyleNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor, style: Tensor, strength: Tensor) -> tuple[Tensor, Tensor]:
        picture, own = self.network(image.permute(0, 3, 1, 2), style, strength)
        return picture.permute(0, 2, 3, 1), own


def export(inputs: ArbitraryStyleInputs, settings: ArbitraryStyleSettings, folder: Path, target: Path) -> ExportReport:
    """Write the network of the final checkpoint in `folder` to `target`.

    Raises
    ------
    BadInputError
        When there is no checkpoint of a finished training in `folder`.
    """
    network = new_network(inputs.perceptual, settings)
    network.load_state_dict(trained_state(folder, settings.training.epochs, "network"))
    painting = Painting(network).eval()
    write_painting_onnx(painting, target)
    photos, paintings = Images("val", inputs.coco, inputs.landscapes), Images("val", inputs.van_gogh)
    return ExportReport(
        spec=model_spec(2 * network.channels),
        parameters=parameter_count(network),
        parity={MODEL: parity(painting, OnnxModel(target), photos, paintings)},
    )


def write_painting_onnx(painting: Painting, target: Path) -> None:
    """Export for any number of images of any size."""
    # Without bounds: proving them for every pool and padding takes the exporter minutes.
    dim = torch.export.Dim.DYNAMIC
    example = {
        "image": torch.zeros(2, 64, 72, 3),
        "style": torch.ones(2, 2 * painting.network.channels),
        "strength": torch.ones(2),
    }
    dynamic = {"image": {0: dim, 1: dim, 2: dim}, "style": {0: dim}, "strength": {0: dim}}
    write_onnx(painting, example, OUTPUTS, dynamic, target)


def parity(painting: Painting, model: OnnxModel, photos: Images, paintings: Images) -> float:
    """Largest absolute difference of any output between network and file, at several sizes.

    Pictures count in grey levels, statistics in the units of the perceptual network, which are as large.
    """
    differences = []
    for batch, height, width in PARITY_SHAPES:
        image, manner = (_batch(images, batch, height, width) for images in (photos, paintings))
        one = np.linspace(1, 0.25, batch, dtype=np.float32)
        inputs = {"image": image, "style": _answer(painting, manner)["statistics"], "strength": one}
        differences.append(largest_difference(_answer(painting, **inputs), model(**inputs)))
    return float(np.max(differences))  # lets a NaN through, unlike max


def model_spec(size: int) -> ModelSpec:
    """The interface of the exported file.

    Parameters
    ----------
    size
        Of a style's statistics.
    """
    pixels = ("batch", "height", "width", 3)
    unit = "activation of the perceptual network"
    return ModelSpec.single(
        inputs=(
            TensorSpec(name="image", dtype="float32", shape=pixels, range=(0, 255), unit="grey level"),
            TensorSpec(name="style", dtype="float32", shape=("batch", size), range=(1, 50), unit=unit),
            TensorSpec(name="strength", dtype="float32", shape=("batch",), range=(0, 1), unit="share of the style"),
        ),
        outputs=(
            TensorSpec(name="picture", dtype="float32", shape=pixels, range=(0, 255), unit="grey level"),
            TensorSpec(name="statistics", dtype="float32", shape=("batch", size), unit=unit),
        ),
        preprocessing=PhotoInput(),
        typical_sizes={"height": TYPICAL, "width": TYPICAL},
        intended_use="Painting any photo in the manner of any painting, weaker or stronger, or of several blended.",
        limits=(
            "Learned from Van Gogh's paintings and everyday photos; farther styles are met by the nearest it knows. It "
            "knows colours and strokes, not what a painting shows. "
            f"Each side of an image needs at least {MIN_SIDE} pixels."
        ),
    )


def _answer(
    painting: Painting,
    image: NDArray[np.float32],
    style: NDArray[np.float32] | None = None,
    strength: NDArray[np.float32] | None = None,
) -> Mapping[str, NDArray[np.float32]]:
    """What the network says; without a style, to the image's statistics alone."""
    style = np.ones((len(image), 2 * painting.network.channels), np.float32) if style is None else style
    strength = np.ones(len(image), np.float32) if strength is None else strength
    with torch.inference_mode():
        answers = painting(*(torch.from_numpy(array) for array in (image, style, strength)))
    return {name: answer.numpy() for name, answer in zip(OUTPUTS, answers, strict=True)}


def _batch(images: Images, batch: int, height: int, width: int) -> NDArray[np.float32]:
    """Some images, (batch, height, width, 3), stretched or shrunk to that size."""
    tensors = [as_tensor(images[index % len(images)]) for index in range(batch)]
    sized = [nn.functional.interpolate(one, (height, width), mode="bilinear", align_corners=False) for one in tensors]
    return np.ascontiguousarray(torch.cat(sized).permute(0, 2, 3, 1).numpy())
