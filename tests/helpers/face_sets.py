"""Prepared sample faces, and an editor of them: eigenfaces as ONNX files."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from atelier.data.prepared.dataset import PreparedData
from atelier.data.samples import faces
from atelier.evaluation.faces.eigenfaces import Eigenfaces
from atelier.model_card import Direction, ModelSpec, PartSpec, Tensor
from atelier.preprocessing.spec import FaceInput
from tests.helpers.prepared_data import write_prepared

SIZE = 32
COUNTS = {"train": 120, "val": 12, "test": 40}
LAYERS = 4
NOISE = 6
SPEC = FaceInput(
    size=(SIZE, SIZE),
    alignment="center",
    eye_height=0.3,
    eye_distance=0.42,
    min_score=0.5,
    min_aligned_score=0.6,
    max_shift=0.12,
)


@cache
def _painted(seed: int, number: int, size: int) -> np.ndarray:
    return faces.paint(seed, number, size)


def write_faces(
    folder: Path,
    counts: Mapping[str, int] = COUNTS,
    size: int = SIZE,
    seed: int = 1,
    alignment: Literal["eyes", "center"] = "center",
) -> PreparedData:
    """Sample faces as they are prepared: image, attributes, id."""
    splits, first = {}, 0
    for split, count in counts.items():
        numbers = range(first, first + count)
        first += count
        splits[split] = {
            "image": np.stack([_painted(seed, number, size) for number in numbers]),
            "attributes": np.array([faces.attributes(seed, number) for number in numbers], np.float32),
            "label": np.zeros(count, np.uint16),
            "id": np.arange(count, dtype=np.uint64) + np.uint64(1000 * first),
        }
    data = write_prepared(folder, (), splits, f"faces {seed} {size} {alignment} {sorted(counts.items())}")
    spec = SPEC.model_copy(update={"size": (size, size), "alignment": alignment})
    manifest = data.manifest.model_copy(
        update={"dataset": "faces", "preprocessing": spec, "attributes": faces.Attributes._fields}
    )
    (folder / "manifest.json").write_text(manifest.model_dump_json())
    return PreparedData(folder)


class LinearEditor:
    """Eigenfaces of prepared faces as the parts of a model that edits faces.

    Parameters
    ----------
    strength
        Factor of the directions.
    """

    def __init__(self, data: PreparedData, components: int = 60, strength: float = 1.0) -> None:
        eigenfaces = Eigenfaces(data, components, 1000, 0.01)
        self.width = len(eigenfaces._components) // LAYERS
        self._mean, self._basis = eigenfaces.mean, eigenfaces._components[: LAYERS * self.width]
        names, attributes = data.manifest.attributes, data.split("train")["attributes"][:]
        self.directions = tuple(
            Direction.of(
                strength * eigenfaces._vectors[name][: LAYERS * self.width].reshape(LAYERS, self.width),
                attribute=name,
                unit="years" if name == "age" else "",
                mean=float(attributes[:, column].mean()),
                standard_deviation=float(attributes[:, column].std()),
                range=(-2.5, 2.0),
            )
            for column, name in enumerate(names)
        )

    @property
    def spec(self) -> ModelSpec:
        image = Tensor(name="image", dtype="float32", shape=("batch", SIZE, SIZE, 3), range=(0, 255))
        latents = Tensor(name="latents", dtype="float32", shape=("batch", LAYERS, self.width))
        noise = Tensor(name="noise", dtype="float32", shape=("batch", NOISE))
        return ModelSpec(
            parts={
                "encoder": PartSpec(inputs=(image,), outputs=(latents,)),
                "decoder": PartSpec(inputs=(latents,), outputs=(image.model_copy(update={"name": "picture"}),)),
                "mapping": PartSpec(inputs=(noise,), outputs=(latents,)),
            },
            preprocessing=SPEC,
            directions=self.directions,
            intended_use="Tests.",
            limits="Everything else.",
        )

    @property
    def models(self) -> dict[str, onnx.ModelProto]:
        """Part → its ONNX model."""
        image, latent = ["batch", SIZE, SIZE, 3], ["batch", LAYERS, self.width]
        encoder = [
            helper.make_node("Reshape", ["image", "flat"], ["pixels"]),
            helper.make_node("Sub", ["pixels", "mean"], ["centered"]),
            helper.make_node("MatMul", ["centered", "transposed"], ["coefficients"]),
            helper.make_node("Reshape", ["coefficients", "latent shape"], ["latents"]),
        ]
        decoder = [
            helper.make_node("Reshape", ["latents", "flat"], ["coefficients"]),
            helper.make_node("MatMul", ["coefficients", "basis"], ["centered"]),
            helper.make_node("Add", ["centered", "mean"], ["pixels"]),
            helper.make_node("Reshape", ["pixels", "image shape"], ["picture"]),
        ]
        mapping = [
            helper.make_node("MatMul", ["noise", "spread"], ["coefficients"]),
            helper.make_node("Reshape", ["coefficients", "latent shape"], ["latents"]),
        ]
        return {
            "encoder": self._model(encoder, ("image", image), ("latents", latent)),
            "decoder": self._model(decoder, ("latents", latent), ("picture", image)),
            "mapping": self._model(mapping, ("noise", ["batch", NOISE]), ("latents", latent)),
        }

    def write(self, folder: Path) -> dict[str, Path]:
        """Part → its file."""
        for part, model in self.models.items():
            onnx.save(model, folder / f"{part}.onnx")
        return {part: folder / f"{part}.onnx" for part in self.spec.parts}

    def _model(self, nodes: list[onnx.NodeProto], source: tuple, target: tuple) -> onnx.ModelProto:
        spread = np.random.default_rng(0).normal(0, 300, (NOISE, len(self._basis)))
        constants = {
            "flat": np.array([0, -1]),
            "latent shape": np.array([0, LAYERS, self.width]),
            "image shape": np.array([0, SIZE, SIZE, 3]),
            "mean": self._mean[None],
            "basis": self._basis,
            "transposed": self._basis.T.copy(),
            "spread": spread.astype(np.float32),
        }
        used = {name for node in nodes for name in node.input}
        initializers = [numpy_helper.from_array(array, name) for name, array in constants.items() if name in used]
        inputs, outputs = (
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)] for name, shape in (source, target)
        )
        graph = helper.make_graph(nodes, "faces", inputs, outputs, initializers)
        return helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 18)])
