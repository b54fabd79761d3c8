import numpy as np
import onnx
import pytest

from atelier.errors import BadInputError
from atelier.evaluation.translation.evaluate import evaluate_translation
from atelier.onnx.model import OnnxModel
from atelier.predictors.translator import Translator
from pipelines.families.cyclegan.evaluation import evaluate
from pipelines.families.cyclegan.export import export, trained_networks
from pipelines.families.cyclegan.training import train
from tests.helpers.training_logs import Recorder
from tests.pipelines.families.cyclegan.conftest import FAMILIES


@pytest.fixture(scope="module", params=FAMILIES)
def exported(request, inputs, make_settings, tmp_path_factory):
    """Of a training in bfloat16: folder of the files, report, settings."""
    folder = tmp_path_factory.mktemp("exported")
    settings = make_settings(request.param, epochs=1, hardware={"precision": "bfloat16"})
    train(inputs, settings, Recorder(), folder / "checkpoint")
    return folder, export(inputs, settings, folder / "checkpoint", folder / "model.onnx"), settings


def test_files_and_networks_have_equal_outputs(exported) -> None:
    _, report, _ = exported
    assert report.parity.keys() == {"to_painting", "to_photo"}
    assert max(report.parity.values()) < 0.01
    assert report.parameters > 500


def test_the_interface_is_that_of_the_spec(exported) -> None:
    folder, report, _ = exported
    for part, spec in report.spec.parts.items():
        graph = onnx.load(folder / f"{part}.onnx").graph
        pairs = [*zip(spec.inputs, graph.input, strict=True), *zip(spec.outputs, graph.output, strict=True)]
        for expected, value in pairs:
            assert expected.name == value.name
            shape = [axis.dim_param or axis.dim_value for axis in value.type.tensor_type.shape.dim]
            assert shape == list(expected.shape)


def test_images_are_translated_in_tiles_as_a_whole(exported) -> None:
    folder, report, _ = exported
    model, preprocessing = OnnxModel(folder / "to_painting.onnx"), report.spec.preprocessing
    image = np.random.default_rng(0).integers(0, 256, (150, 203, 3), np.uint8)
    whole = Translator(model, preprocessing, tile=1000)(image).astype(int)
    tiled = Translator(model, preprocessing, tile=16)(image).astype(int)
    assert np.abs(whole - tiled).max() <= 1


def test_an_unfinished_training_is_not_exported(inputs, make_settings, tmp_path) -> None:
    with pytest.raises(BadInputError, match="not finished"):
        export(inputs, make_settings(), tmp_path / "empty", tmp_path / "model.onnx")
    assert not list(tmp_path.glob("*.onnx"))


def test_the_averages_are_exported(exported, inputs) -> None:
    folder, _, settings = exported
    networks = trained_networks(inputs, settings, folder / "checkpoint")
    image = inputs.landscapes.split("val")["image"][:1].astype(np.float32)
    picture = OnnxModel(folder / "to_painting.onnx")(image=image)["picture"]
    averaged, trained = (
        np.clip(network(image), 0, 255) for network in (networks.to_painting_average, networks.to_painting)
    )
    assert np.abs(picture - averaged).max() < 0.01
    assert np.abs(averaged - trained).max() > 0.1


def test_the_exported_files_can_be_evaluated(exported, inputs) -> None:
    folder, report, settings = exported
    parts = {name: OnnxModel(folder / f"{name}.onnx") for name in report.spec.parts}
    first, again = (evaluate(inputs, **parts, spec=report.spec, settings=settings) for _ in range(2))
    assert first.metrics == again.metrics
    assert set(settings.gate.rules) <= first.metrics.keys()
    assert first.items["kernel_ratio"].shape == (16,)
    assert evaluate_translation.__doc__ is not None
    assert all(f"`{name}`" in evaluate_translation.__doc__ for name in first.metrics)
