from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

from atelier.errors import BadInputError
from atelier.onnx.model import OnnxModel
from atelier.predictors.drawing_generator import Generator
from pipelines.families.quickdraw_gan.export import export, trained_generator
from pipelines.families.quickdraw_gan.settings import GanInputs, GanSettings
from pipelines.families.quickdraw_gan.training import train
from pipelines.lifecycle.contracts import ExportReport
from tests.helpers.shapes import LABELS

MakeSettings = Callable[..., GanSettings]


def no_log(metrics, epoch, images=None) -> None: ...


@pytest.fixture(scope="module")
def trained(inputs: GanInputs, make_settings: MakeSettings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    train(inputs, make_settings(epochs=2), no_log, folder)
    return folder


@pytest.fixture(scope="module")
def exported(
    inputs: GanInputs, make_settings: MakeSettings, trained: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[ExportReport, Path]:
    target = tmp_path_factory.mktemp("exported") / "model.onnx"
    return export(inputs, make_settings(epochs=2), trained, target), target


def test_file_and_network_have_equal_outputs(exported: tuple[ExportReport, Path]) -> None:
    assert exported[0].parity["model"] < 1e-5
    assert exported[0].parameters > 1000


def test_the_interface_is_that_of_the_spec(exported: tuple[ExportReport, Path]) -> None:
    spec, graph = exported[0].spec.parts["model"], onnx.load(exported[1]).graph
    for expected, value in [*zip(spec.inputs, graph.input, strict=True), *zip(spec.outputs, graph.output, strict=True)]:
        tensor = value.type.tensor_type
        assert expected.name == value.name
        assert np.dtype(expected.dtype) == onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)
        assert [axis.dim_param or axis.dim_value for axis in tensor.shape.dim] == list(expected.shape)
    assert exported[0].spec.labels == LABELS


def test_the_file_has_versions_that_the_runtime_supports(exported: tuple[ExportReport, Path]) -> None:
    model = onnx.load(exported[1])
    assert model.ir_version <= 13
    assert {entry.domain: entry.version for entry in model.opset_import}[""] == 18


@pytest.mark.parametrize("batch", [1, 2, 33])
def test_any_batch_size_gives_values_from_0_to_1(exported: tuple[ExportReport, Path], batch: int) -> None:
    noise = np.random.default_rng(1).standard_normal((batch, 8), np.float32)
    image = OnnxModel(exported[1])(noise=noise, label=np.arange(batch) % 3)["image"]
    assert image.shape == (batch, 28, 28, 1)
    assert 0 <= image.min() < image.max() <= 1


def test_the_averaged_weights_are_exported(
    inputs: GanInputs, make_settings: MakeSettings, trained: Path, exported: tuple[ExportReport, Path]
) -> None:
    average = trained_generator(inputs, make_settings(epochs=2), trained)
    assert average.name == "average"
    noise, label = np.zeros((3, 8), np.float32), np.arange(3)
    image = OnnxModel(exported[1])(noise=noise, label=label)["image"]
    np.testing.assert_allclose(2 * image - 1, np.asarray(average([noise, label])), atol=1e-5)


def test_truncation_makes_drawings_more_similar(
    inputs: GanInputs,
    make_settings: MakeSettings,
    trained: Path,
    exported: tuple[ExportReport, Path],
    tmp_path: Path,
) -> None:
    settings = make_settings(epochs=2)
    settings = settings.model_copy(update={"model": settings.model.model_copy(update={"truncation": 0.2})})
    spec = export(inputs, settings, trained, tmp_path / "model.onnx").spec
    deviations = [
        Generator(OnnxModel(path), spec).draw(np.zeros(50, np.int64), seed=0).astype(float).std(axis=0).mean()
        for path in (tmp_path / "model.onnx", exported[1])
    ]
    assert deviations[0] < 0.6 * deviations[1]


def test_an_unfinished_training_is_not_exported(
    inputs: GanInputs, make_settings: MakeSettings, trained: Path, tmp_path: Path
) -> None:
    with pytest.raises(BadInputError, match="other settings"):
        export(inputs, make_settings(epochs=3), trained, tmp_path / "model.onnx")
    with pytest.raises(BadInputError, match="not finished"):
        export(inputs, make_settings(epochs=2), tmp_path / "empty", tmp_path / "model.onnx")
    assert not (tmp_path / "model.onnx").exists()
