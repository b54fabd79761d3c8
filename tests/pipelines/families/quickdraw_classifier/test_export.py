from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray

from atelier.data.prepared.dataset import PreparedData
from atelier.errors import BadInputError
from atelier.onnx.model import OnnxModel
from pipelines.families.quickdraw_classifier import export as export_module
from pipelines.families.quickdraw_classifier.export import (
    ServedClassifier,
    export,
    parity,
    trained_network,
    unsure_below,
)
from pipelines.families.quickdraw_classifier.settings import ClassifierInputs, ClassifierSettings
from pipelines.families.quickdraw_classifier.training import train
from pipelines.lifecycle.contracts import ExportReport
from pipelines.training.calibration import TEMPERATURE_RANGE
from pipelines.training.on_torch.calibration import calibrate

MakeSettings = Callable[..., ClassifierSettings]


def no_log(metrics: Mapping[str, float], epoch: int, images: Mapping[str, bytes] | None = None) -> None: ...


@pytest.fixture(scope="module")
def trained(inputs: ClassifierInputs, make_settings: MakeSettings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    train(inputs, make_settings(epochs=2), no_log, folder)
    return folder


@pytest.fixture(scope="module")
def exported(
    inputs: ClassifierInputs, make_settings: MakeSettings, trained: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[ExportReport, Path]:
    target = tmp_path_factory.mktemp("exported") / "model.onnx"
    return export(inputs, make_settings(epochs=2), trained, target), target


def test_file_and_network_have_equal_outputs(exported: tuple[ExportReport, Path]) -> None:
    assert exported[0].parity["model"] < 1e-5
    assert 1000 < exported[0].parameters <= 500_000


def test_outputs_that_are_nan_exceed_any_parity_budget(
    quickdraw: PreparedData, exported: tuple[ExportReport, Path]
) -> None:
    class Broken(torch.nn.Module):
        def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return torch.full((len(image), 3), torch.nan), torch.zeros(len(image), 16)

    assert not parity(Broken(), OnnxModel(exported[1]), quickdraw.split("test")["image"][:64]) <= 1e9


@pytest.mark.parametrize("batch", [1, 2, 5, 33])
def test_any_batch_size_is_possible(quickdraw: PreparedData, exported: tuple[ExportReport, Path], batch: int) -> None:
    outputs = OnnxModel(exported[1])(image=quickdraw.split("test")["image"][:batch])
    assert outputs["probabilities"].shape == (batch, 3)
    assert outputs["features"].shape == (batch, 16)
    assert outputs["probabilities"].dtype == outputs["features"].dtype == np.float32
    np.testing.assert_allclose(outputs["probabilities"].sum(1), 1, rtol=1e-5)


def test_outputs_do_not_depend_on_the_batch(quickdraw: PreparedData, exported: tuple[ExportReport, Path]) -> None:
    model, images = OnnxModel(exported[1]), quickdraw.split("test")["image"][:8]
    single = np.concatenate([model(image=images[i : i + 1])["probabilities"] for i in range(8)])
    np.testing.assert_allclose(model(image=images)["probabilities"], single, atol=1e-6)


def test_with_flip_average_a_mirrored_drawing_has_the_same_outputs(
    quickdraw: PreparedData, exported: tuple[ExportReport, Path]
) -> None:
    model, images = OnnxModel(exported[1]), quickdraw.split("test")["image"][:8]
    mirrored = np.ascontiguousarray(images[:, :, ::-1])
    np.testing.assert_allclose(model(image=images)["probabilities"], model(image=mirrored)["probabilities"], atol=1e-6)


@pytest.mark.parametrize("flip_average", [False, True])
def test_the_probabilities_of_the_file_are_calibrated(
    inputs: ClassifierInputs, make_settings: MakeSettings, trained: Path, tmp_path: Path, flip_average: bool
) -> None:
    """No other temperature gives the validation labels a higher likelihood, averaged over mirror images or not."""
    settings = make_settings(epochs=2)
    settings = settings.model_copy(update={"model": settings.model.model_copy(update={"flip_average": flip_average})})
    export(inputs, settings, trained, tmp_path / "model.onnx")
    val = inputs.quickdraw.split("val")
    images, labels = val["image"][:], val["label"][:].astype(np.int64)

    def loss(probabilities: np.ndarray) -> float:
        return float(-np.log(probabilities[np.arange(len(labels)), labels]).mean())

    def loss_at(temperature: float) -> float:
        network = trained_network(inputs.quickdraw.manifest, settings, trained)
        calibrate(network.head, temperature)
        with torch.no_grad():
            return loss(ServedClassifier(network, flip_average)(torch.from_numpy(images))[0].numpy())

    lowest = min(loss_at(temperature) for temperature in np.geomspace(*TEMPERATURE_RANGE, 41))
    assert loss(OnnxModel(tmp_path / "model.onnx")(image=images)["probabilities"]) <= lowest + 1e-6


def test_the_temperature_is_fitted_on_a_fixed_number_of_drawings(
    inputs: ClassifierInputs,
    make_settings: MakeSettings,
    trained: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fitted = []

    def record(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
        fitted.append((tuple(logits.shape), labels.tolist()))
        return 1.0

    monkeypatch.setattr(export_module, "CALIBRATION_ITEMS", 10)
    monkeypatch.setattr(export_module, "VALIDATION_BATCH", 4)
    monkeypatch.setattr(export_module, "fit_temperature", record)
    export(inputs, make_settings(epochs=2), trained, tmp_path / "model.onnx")
    assert fitted == [((2, 10, 3), inputs.quickdraw.split("val")["label"][:10].tolist())]


def test_the_interface_is_that_of_the_spec(exported: tuple[ExportReport, Path]) -> None:
    spec, graph = exported[0].spec.parts["model"], onnx.load(exported[1]).graph
    assert [value.name for value in graph.input] == [tensor.name for tensor in spec.inputs] == ["image"]
    assert [value.name for value in graph.output] == [tensor.name for tensor in spec.outputs]
    assert graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.UINT8
    assert graph.input[0].type.tensor_type.shape.dim[0].dim_param
    assert exported[0].spec.labels == ("bar", "box", "cross")


def test_the_same_weights_give_the_same_bytes_without_paths_of_this_machine(
    inputs: ClassifierInputs,
    make_settings: MakeSettings,
    trained: Path,
    exported: tuple[ExportReport, Path],
    tmp_path: Path,
) -> None:
    export(inputs, make_settings(epochs=2), trained, tmp_path / "again.onnx")
    content = exported[1].read_bytes()
    assert (tmp_path / "again.onnx").read_bytes() == content
    assert str(Path(__file__).parents[4]).encode() not in content


def test_an_unfinished_training_is_not_exported(
    inputs: ClassifierInputs, make_settings: MakeSettings, trained: Path, tmp_path: Path
) -> None:
    with pytest.raises(BadInputError, match="not finished"):
        export(inputs, make_settings(epochs=3), trained, tmp_path / "model.onnx")
    with pytest.raises(BadInputError, match="not finished"):
        export(inputs, make_settings(), tmp_path, tmp_path / "model.onnx")


@pytest.mark.parametrize("fraction", [0.0, 0.1, 0.4])
def test_the_threshold_for_unsure_is_a_quantile_of_the_validation_drawings(
    quickdraw: PreparedData, exported: tuple[ExportReport, Path], fraction: float
) -> None:
    model, split = OnnxModel(exported[1]), quickdraw.split("val")
    threshold = unsure_below(model, split, fraction)
    if not fraction:
        assert threshold is None
        return
    assert threshold is not None
    highest = model(image=split["image"][:])["probabilities"].max(axis=1)
    assert abs(float((highest < threshold).mean()) - fraction) <= 1 / len(highest)
