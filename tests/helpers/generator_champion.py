"""A champion that draws: it remembers a few drawings of each label, and the noise says which one comes."""

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
"""Two of them known to the tiny classifier of `tests.helpers.classifier_champion`."""
BITS = 4
NOISE = 6
"""Longer than it must be, as in a real generator some of the noise changes little."""


def memories(label: str) -> NDArray[np.uint8]:
    """(16, 28, 28): the drawings that `label` can become."""
    sample = draw(label, np.random.default_rng(0))
    return rasterize([[np.array(stroke) for stroke in next(sample)[0]] for _ in range(2**BITS)])


def write_model(path: Path, labels: tuple[str, ...] = LABELS) -> None:
    """The ONNX file of a generator that remembers sample drawings."""
    onnx.save(remembering(np.stack([memories(label) for label in labels])), str(path))


def remembering(drawings: NDArray[np.uint8]) -> onnx.ModelProto:
    """noise (batch, 6), label (batch,) → image (batch, 28, 28, 1): the signs of the noise count in binary.

    Parameters
    ----------
    drawings
        (labels, 16, 28, 28): what each label can become.
    """
    constants = {
        "memories": np.concatenate(drawings)[..., None],
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
        helper.make_node("Gather", ["memories", "place"], ["levels"], axis=0),
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
