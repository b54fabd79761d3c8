"""A tiny untrained classifier with the interface of the real one; its predictions depend on the drawing."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from atelier.model_card import Cost, Lineage, Metric, ModelCard, ModelSpec, Tensor
from atelier.preprocessing.spec import DrawingInput

FAMILY = "quickdraw_classifier"
LABELS = ("bicycle", "cat", "cloud", "envelope", "fish", "house", "star", "tree", "umbrella", "wine glass")

SOMETIMES_RIGHT = 16
"""A seed whose model recognizes some houses and envelopes of `tests.helpers.generator_champion`, but not all."""


def write_model(path: Path, seed: int = 0) -> None:
    """image uint8 (batch, 28, 28) → probabilities (batch, 10), features (batch, 10)."""
    weights = np.random.default_rng(seed).normal(0, 0.3, (784, len(LABELS))).astype(np.float32)
    constants = {"weights": weights, "white": np.float32(255), "flat": np.array([0, 784], np.int64)}
    nodes = [
        helper.make_node("Cast", ["image"], ["levels"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["levels", "white"], ["scaled"]),
        helper.make_node("Reshape", ["scaled", "flat"], ["pixels"]),
        helper.make_node("MatMul", ["pixels", "weights"], ["features"]),
        helper.make_node("Softmax", ["features"], ["probabilities"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["batch", 28, 28])],
        [
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", len(LABELS)]),
            helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", len(LABELS)]),
        ],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.save(model, str(path))


def make_card(version: str = "1", run_id: str = "0123456789abcdef0123456789abcdef") -> ModelCard:
    return ModelCard(
        family=FAMILY,
        version=version,
        spec=ModelSpec.single(
            inputs=(Tensor(name="image", dtype="uint8", shape=("batch", 28, 28), range=(0, 255), unit="grey level"),),
            outputs=(
                Tensor(name="probabilities", dtype="float32", shape=("batch", 10), range=(0, 1), unit="probability"),
                Tensor(name="features", dtype="float32", shape=("batch", 10)),
            ),
            preprocessing=DrawingInput(),
            labels=LABELS,
            intended_use="Tests of the service.",
            limits="Knows nothing.",
        ),
        metrics={
            "top1": Metric(value=0.942, low=0.936, high=0.948),
            "map3": Metric(value=0.962, low=0.957, high=0.967),
        },
        cost={"model": Cost(latency_p50_ms=0.6, latency_p95_ms=0.9, size_mb=1.4)},
        parity={"model": 2.4e-7},
        parameters=7840,
        lineage=Lineage(
            run_id=run_id,
            experiment=f"atelier/{FAMILY}",
            git_commit="8a4c07dd3bd99a2c6f12e12c2f2f0f5b7f6e9d10",
            data={"quickdraw": "f1d2d2f924e986ac86fdf7b36c94bcdf32beec15"},
            raw={"quickdraw": "d41d8cd98f00b204e9800998ecf8427e.dir"},
            licences={"quickdraw": "CC BY 4.0, Google (Quick, Draw! Dataset)"},
            created="2026-01-02T03:04:05Z",
        ),
    )


def write_champion(folder: Path, version: str = "1", seed: int = 0) -> Path:
    """`model.onnx` and `card.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    write_model(folder / "model.onnx", seed)
    make_card(version).write(folder / "card.json")
    return folder
