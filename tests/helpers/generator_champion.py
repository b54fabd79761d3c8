"""A generator that stores a few drawings of each label and selects one of them by the noise."""

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from atelier.data.samples.doodles import draw
from atelier.preprocessing.raster import rasterize
from tests.helpers.classifier_champion import make_card
from tests.helpers.onnx_graphs import generator_model, generator_spec

FAMILY = "quickdraw_gan"
LABELS = ("clock", "envelope", "house", "sun")
"""The tiny classifier of `tests.helpers.classifier_champion` knows two of them."""
BITS = 4
NOISE = 6
"""More than the four bits that are used: in a real generator, some of the noise changes little, too."""


def stored_drawings(label: str) -> NDArray[np.uint8]:
    """(16, 28, 28): the stored drawings of `label`."""
    sample = draw(label, np.random.default_rng(0))
    return rasterize([[np.array(stroke) for stroke in next(sample)[0]] for _ in range(2**BITS)])


def write_model(path: Path, labels: tuple[str, ...] = LABELS) -> None:
    """Write the ONNX file of a generator that stores sample drawings."""
    onnx.save(storing_generator(np.stack([stored_drawings(label) for label in labels])), str(path))


def storing_generator(drawings: NDArray[np.uint8]) -> onnx.ModelProto:
    """noise (batch, 6), label (batch,) → image (batch, 28, 28, 1): the signs of the noise are a binary index.

    Parameters
    ----------
    drawings
        (labels, 16, 28, 28): the stored drawings of each label.
    """
    constants = {
        "drawings": np.concatenate(drawings)[..., None],
        "place_values": np.array([2**bit if bit < BITS else 0 for bit in range(NOISE)], np.float32)[:, None],
        "zero": np.float32(0),
        "each": np.int64(2**BITS),
        "flat": np.array([-1], np.int64),
        "white": np.float32(255),
    }
    nodes = [
        helper.make_node("Greater", ["noise", "zero"], ["signs"]),
        helper.make_node("Cast", ["signs"], ["bits"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["bits", "place_values"], ["counted"]),
        helper.make_node("Cast", ["counted"], ["column"], to=TensorProto.INT64),
        helper.make_node("Reshape", ["column", "flat"], ["which"]),
        helper.make_node("Mul", ["label", "each"], ["first"]),
        helper.make_node("Add", ["first", "which"], ["place"]),
        helper.make_node("Gather", ["drawings", "place"], ["levels"], axis=0),
        helper.make_node("Cast", ["levels"], ["ink"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["ink", "white"], ["image"]),
    ]
    return generator_model(nodes, constants, NOISE)


def write_generator(folder: Path, version: str = "1", labels: tuple[str, ...] = LABELS) -> Path:
    """`model.onnx` and `card.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    write_model(folder / "model.onnx", labels)
    card = make_card(version).model_copy(
        update={"family": FAMILY, "spec": generator_spec(labels, NOISE), "metrics": {}}
    )
    card.write(folder / "card.json")
    return folder
