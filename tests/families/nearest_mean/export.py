"""Export of the final checkpoint to one ONNX file: gray levels → probabilities."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from atelier.atomic_files import write_atomically
from atelier.errors import BadInputError
from atelier.model_card import MODEL, ModelSpec, Tensor
from atelier.onnx.model import OnnxModel
from atelier.onnx.parity import difference_over_batches
from pipelines.lifecycle.contracts import ExportReport, fingerprint
from tests.families.nearest_mean.model import Means
from tests.families.nearest_mean.settings import NearestMeanInputs, NearestMeanSettings


def export(inputs: NearestMeanInputs, settings: NearestMeanSettings, folder: Path, target: Path) -> ExportReport:
    """Write the model to `target` and compare the file with numpy on validation drawings.

    Raises
    ------
    BadInputError
        When there is no checkpoint of a finished training in `folder`.
    """
    means = Means.load(folder, fingerprint(inputs, settings))
    if means is None or means.epoch < settings.training.epochs:
        raise BadInputError(f"Training in {folder} is not finished. Run the family's pipeline, which resumes it.")
    images, labels = inputs.quickdraw.split("val")["image"][:16], inputs.quickdraw.manifest.labels
    size, sharpness = images.shape[1], settings.model.sharpness
    image = Tensor(name="image", dtype="uint8", shape=("batch", size, size), range=(0, 255), unit="grey level")
    output = Tensor(name="probabilities", dtype="float32", shape=("batch", len(labels)), range=(0, 1))
    write_atomically(target, _graph(means.means / 255, sharpness, size).SerializeToString())
    return ExportReport(
        spec=ModelSpec.single(
            inputs=(image,),
            outputs=(output,),
            preprocessing=inputs.quickdraw.manifest.preprocessing,
            labels=labels,
            intended_use="Shows how a family is added.",
            limits="Knows nothing but mean drawings.",
        ),
        parameters=means.sums.size,
        # The reference is called with the names of the model's inputs, here image=…
        parity={
            MODEL: difference_over_batches(
                lambda image: means.probabilities(image, sharpness), OnnxModel(target), {"image": images}, (1, 2, 16)
            )
        },
    )


def _graph(means: np.ndarray, sharpness: float, size: int) -> onnx.ModelProto:
    """Softmax of `2 x·m - m·m`: the negative squared distance without x·x, which is equal for all classes."""
    scale = sharpness / means.shape[1]
    constants = {
        "factor": np.float32(1 / 255),
        "weights": (2 * scale * means.T).astype(np.float32),
        "bias": (-scale * np.square(means).sum(1)).astype(np.float32),
    }
    nodes = [
        helper.make_node("Cast", ["image"], ["levels"], to=TensorProto.FLOAT),
        helper.make_node("Flatten", ["levels"], ["pixels"], axis=1),
        helper.make_node("Mul", ["pixels", "factor"], ["scaled"]),
        helper.make_node("Gemm", ["scaled", "weights", "bias"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "nearest_mean",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["batch", size, size])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", len(means)])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    return helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 18)])
