"""Tiny untrained style transfer models with the interfaces of `fast_style` and `arbitrary_style`.

The fast one mixes every pixel in equal parts with the color of a style. The other one gives a photo the mean color and
the contrast of a painting. Its six statistics are the means of R, G, B and their standard deviations.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from atelier.model_card import ModelCard, ModelSpec, Tensor
from atelier.onnx.model import OnnxModel
from atelier.predictors.stylizer import ArbitraryStylizer, FastStylizer
from atelier.preprocessing.spec import PhotoInput
from tests.helpers.classifier_champion import make_card

FAST, ARBITRARY = "fast_style", "arbitrary_style"
COLORS = {"ochre": (200.0, 140.0, 40.0), "sea": (20.0, 90.0, 160.0), "night": (10.0, 10.0, 60.0)}
"""Style → its color, R, G, B."""
STATISTICS = 6

_IMAGE = ("batch", "height", "width", 3)
_PIXELS = {"dtype": "float32", "shape": _IMAGE, "range": (0.0, 255.0), "unit": "RGB level"}
_TYPICAL = {"height": 512, "width": 512}


def fast_model(colors: Mapping[str, tuple[float, float, float]] = COLORS) -> onnx.ModelProto:
    """s · (image + color) / 2 + (1 - s) · image, where s = min(sum(weights), 1)."""
    constants = {
        "colors": np.array(list(colors.values()), np.float32),
        "styles": np.array([1], np.int64),
        "least": np.float32(1e-6),
        "half": np.float32(0.5),
        "one": np.float32(1),
        "spread": np.array([-1, 1, 1, 3], np.int64),
        "spread_one": np.array([-1, 1, 1, 1], np.int64),
    }
    nodes = [
        helper.make_node("ReduceSum", ["weights", "styles"], ["sum"], keepdims=1),
        helper.make_node("Max", ["sum", "least"], ["divisor"]),
        helper.make_node("Div", ["weights", "divisor"], ["shares"]),
        helper.make_node("MatMul", ["shares", "colors"], ["blended"]),
        helper.make_node("Reshape", ["blended", "spread"], ["color"]),
        helper.make_node("Sub", ["color", "image"], ["away"]),
        helper.make_node("Mul", ["away", "half"], ["change"]),
        helper.make_node("Min", ["sum", "one"], ["clipped"]),
        helper.make_node("Reshape", ["clipped", "spread_one"], ["strength"]),
        helper.make_node("Mul", ["change", "strength"], ["part"]),
        helper.make_node("Add", ["image", "part"], ["picture"]),
    ]
    inputs = [("image", _IMAGE), ("weights", ("batch", len(colors)))]
    return _model(nodes, constants, inputs, [("picture", _IMAGE)])


def arbitrary_model() -> onnx.ModelProto:
    """(image - mean) / deviation · d + m, where m and d are between those of the image and those of `style`."""
    constants = {
        "area": np.array([1, 2], np.int64),
        "least": np.float32(1e-3),
        "flat": np.array([-1, 6], np.int64),
        "column": np.array([-1, 1], np.int64),
        "spread": np.array([-1, 1, 1, 3], np.int64),
    }
    nodes = [
        helper.make_node("ReduceMean", ["image", "area"], ["mean"], keepdims=1),
        helper.make_node("Sub", ["image", "mean"], ["centered"]),
        helper.make_node("Mul", ["centered", "centered"], ["squares"]),
        helper.make_node("ReduceMean", ["squares", "area"], ["variance"], keepdims=1),
        helper.make_node("Sqrt", ["variance"], ["deviation"]),
        helper.make_node("Concat", ["mean", "deviation"], ["both"], axis=3),
        helper.make_node("Reshape", ["both", "flat"], ["statistics"]),
        helper.make_node("Sub", ["style", "statistics"], ["away"]),
        helper.make_node("Reshape", ["strength", "column"], ["share"]),
        helper.make_node("Mul", ["away", "share"], ["part"]),
        helper.make_node("Add", ["statistics", "part"], ["wanted"]),
        helper.make_node("Split", ["wanted"], ["wanted_mean", "wanted_deviation"], axis=1, num_outputs=2),
        helper.make_node("Reshape", ["wanted_mean", "spread"], ["m"]),
        helper.make_node("Reshape", ["wanted_deviation", "spread"], ["d"]),
        helper.make_node("Max", ["deviation", "least"], ["divisor"]),
        helper.make_node("Div", ["centered", "divisor"], ["plain"]),
        helper.make_node("Mul", ["plain", "d"], ["contrast"]),
        helper.make_node("Add", ["contrast", "m"], ["picture"]),
    ]
    inputs = [("image", _IMAGE), ("style", ("batch", STATISTICS)), ("strength", ("batch",))]
    return _model(nodes, constants, inputs, [("picture", _IMAGE), ("statistics", ("batch", STATISTICS))])


def fast_spec(styles: tuple[str, ...] = tuple(COLORS)) -> ModelSpec:
    return ModelSpec.single(
        inputs=(
            Tensor(name="image", **_PIXELS),
            Tensor(name="weights", dtype="float32", shape=("batch", len(styles)), range=(0, 1), unit="share"),
        ),
        outputs=(Tensor(name="picture", **_PIXELS),),
        preprocessing=PhotoInput(),
        labels=styles,
        typical_sizes=_TYPICAL,
        intended_use="Tests.",
        limits="Everything else.",
    )


def arbitrary_spec() -> ModelSpec:
    return ModelSpec.single(
        inputs=(
            Tensor(name="image", **_PIXELS),
            Tensor(name="style", dtype="float32", shape=("batch", STATISTICS)),
            Tensor(name="strength", dtype="float32", shape=("batch",), range=(0, 1), unit="share"),
        ),
        outputs=(
            Tensor(name="picture", **_PIXELS),
            Tensor(name="statistics", dtype="float32", shape=("batch", STATISTICS)),
        ),
        preprocessing=PhotoInput(),
        typical_sizes=_TYPICAL,
        intended_use="Tests.",
        limits="Everything else.",
    )


def fast_stylizer() -> FastStylizer:
    return FastStylizer(OnnxModel(fast_model().SerializeToString()), fast_spec())


def arbitrary_stylizer() -> ArbitraryStylizer:
    return ArbitraryStylizer(OnnxModel(arbitrary_model().SerializeToString()), arbitrary_spec())


def fast_card(version: str = "1") -> ModelCard:
    return make_card(version).model_copy(update={"family": FAST, "spec": fast_spec(), "metrics": {}})


def arbitrary_card(version: str = "1") -> ModelCard:
    return make_card(version).model_copy(update={"family": ARBITRARY, "spec": arbitrary_spec(), "metrics": {}})


def write_fast(folder: Path, version: str = "1") -> Path:
    """`model.onnx` and `card.json` of a champion of `fast_style`."""
    return _write(folder, fast_model(), fast_card(version))


def write_arbitrary(folder: Path, version: str = "1") -> Path:
    """`model.onnx` and `card.json` of a champion of `arbitrary_style`."""
    return _write(folder, arbitrary_model(), arbitrary_card(version))


def _write(folder: Path, model: onnx.ModelProto, card: ModelCard) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(folder / "model.onnx"))
    card.write(folder / "card.json")
    return folder


def _model(nodes, constants, inputs, outputs) -> onnx.ModelProto:
    value = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)  # noqa: E731
    graph = helper.make_graph(
        nodes,
        "stylizer",
        [value(*pair) for pair in inputs],
        [value(*pair) for pair in outputs],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 18)])
    onnx.checker.check_model(model)
    return model
