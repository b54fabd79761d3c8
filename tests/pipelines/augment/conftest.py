"""Tiny data of three grey levels, a classifier of them, and a comparison."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from atelier.data.content_hash import content_hashes
from atelier.data.prepared.dataset import SPLITS, PreparedData
from atelier.model_card import Metric
from pipelines.augment.comparison import Comparison
from tests.helpers import prepared_data

LABELS = ("dark", "grey", "light")
GREYS = (0.2, 0.45, 0.7)
COUNTS = {"train": (12, 9, 6), "val": (3, 3, 3), "test": (20, 20, 20)}


def write_prepared(folder: Path) -> PreparedData:
    """Images of three grey levels; each split is sorted by id and has two shards."""
    rng = np.random.default_rng(0)
    splits = {}
    for split in SPLITS:
        labels = np.repeat(np.arange(3, dtype=np.uint16), COUNTS[split])
        levels = 255 * np.array(GREYS)[labels]
        images = (levels[:, None, None] + rng.normal(0, 9, (len(labels), 28, 28))).astype(np.uint8)
        ids = content_hashes(255 - images)[:, 0].astype("<u8")  # of something else than the prepared images
        order = np.argsort(ids)
        splits[split] = {"image": images[order], "label": labels[order], "id": ids[order]}
    return prepared_data.write_prepared(folder, LABELS, splits, "greys")


def write_filter(path: Path) -> Path:
    """image uint8 (batch, 28, 28) → probabilities (batch, 3): the nearer the mean to a grey level, the higher."""
    constants = {
        "flat": np.array([0, 784], np.int64),
        "axis": np.array([1], np.int64),
        "greys": 255 * np.array([GREYS], np.float32),
        "slope": np.float32(-0.5),
    }
    nodes = [
        helper.make_node("Cast", ["image"], ["levels"], to=TensorProto.FLOAT),
        helper.make_node("Reshape", ["levels", "flat"], ["pixels"]),
        helper.make_node("ReduceMean", ["pixels", "axis"], ["mean"], keepdims=1),
        helper.make_node("Sub", ["mean", "greys"], ["signed"]),
        helper.make_node("Abs", ["signed"], ["distance"]),
        helper.make_node("Mul", ["distance", "slope"], ["nearness"]),
        helper.make_node("Softmax", ["nearness"], ["probabilities"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "filter",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["batch", 28, 28])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 3])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    onnx.save(helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 18)]), str(path))
    return path


@pytest.fixture
def greys(tmp_path: Path) -> PreparedData:
    return write_prepared(tmp_path / "greys")


def comparison(
    size: int | None = 50,
    gain: tuple[float, float, float] = (0.021, 0.013, 0.029),
    seeds_without: tuple[float, ...] = (0.70, 0.72),
    seeds_with: tuple[float, ...] = (0.72, 0.74),
) -> Comparison:
    """The comparison at one size; `gain` is value, low and high."""
    value, low, high = gain
    return Comparison(
        size=size,
        real=(size or 1700) * 3,
        per_class=size or 1700,
        generated=300,
        without_generated=Metric(value=0.71, low=0.70, high=0.72),
        with_generated=Metric(value=0.73, low=0.72, high=0.74),
        difference=Metric(value=value, low=low, high=high),
        seeds_without=seeds_without,
        seeds_with=seeds_with,
    )
