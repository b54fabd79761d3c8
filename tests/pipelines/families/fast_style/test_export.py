import base64
import io

import numpy as np
import onnx
import pytest
from PIL import Image

from atelier.errors import BadInputError
from atelier.onnx.model import OnnxModel
from atelier.predictors.stylizer import FastStylizer
from atelier.pretrained.perceptual.architectures import ARCHITECTURES
from pipelines.families.fast_style.evaluation import evaluate
from pipelines.families.fast_style.export import export, model_spec, parity
from pipelines.families.fast_style.model import build_network, served_stylizer
from pipelines.families.fast_style.settings import StyleSettings
from pipelines.families.fast_style.style_names import color_names
from pipelines.families.fast_style.styles import select_styles
from pipelines.families.fast_style.training import train
from pipelines.training.on_tensorflow.exporting import write_onnx
from tests.helpers.family_settings import family_settings
from tests.helpers.perceptual_networks import SIZES, images, write_perceptual
from tests.helpers.training_logs import Recorder


@pytest.fixture(scope="module")
def trained(inputs, make_settings, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    train(inputs, make_settings(epochs=1), Recorder(), folder)
    return folder


@pytest.fixture(scope="module")
def exported(inputs, make_settings, trained, tmp_path_factory):
    target = tmp_path_factory.mktemp("exported") / "model.onnx"
    return export(inputs, make_settings(epochs=1), trained, target), target


def test_file_and_network_have_equal_outputs(exported) -> None:
    assert exported[0].parity["model"] < 0.01
    assert exported[0].parameters > 1000


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_network_with_perceptual_features_is_exported(inputs, tmp_path, name) -> None:
    """Also for sizes that are not divisible by the strides of the pools."""
    perceptual = write_perceptual(tmp_path / name, name)
    model = family_settings("fast_style", {"model": {"width": 4, "blocks": 1}}).model
    served = served_stylizer(build_network(2, model, 0, perceptual=perceptual))
    styles = select_styles(inputs.van_gogh, StyleSettings(count=2, paintings={}, size=32))
    write_onnx(served, model_spec(styles).parts["model"], tmp_path / "model.onnx")
    assert parity(served, OnnxModel(tmp_path / "model.onnx"), inputs.coco.split("val")["image"][:3]) < 0.01


def test_a_checkpoint_without_perceptual_features_is_refused(inputs, make_settings, trained, tmp_path) -> None:
    plain = make_settings(epochs=1)
    settings = plain.model_copy(update={"model": plain.model.model_copy(update={"perceptual_features": True})})
    with pytest.raises(BadInputError):  # another network's checkpoint
        export(inputs, settings, trained, tmp_path / "refused.onnx")
    train(inputs, settings, Recorder(), tmp_path / "folder")
    exported = export(inputs, settings, tmp_path / "folder", tmp_path / "model.onnx")
    assert exported.parity["model"] < 0.01


def test_the_interface_is_that_of_the_spec(inputs, exported) -> None:
    spec, graph = exported[0].spec.parts["model"], onnx.load(exported[1]).graph
    for expected, value in [*zip(spec.inputs, graph.input, strict=True), *zip(spec.outputs, graph.output, strict=True)]:
        tensor = value.type.tensor_type
        assert expected.name == value.name
        assert np.dtype(expected.dtype) == onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)
        assert [axis.dim_param or axis.dim_value for axis in tensor.shape.dim] == list(expected.shape)
    assert exported[0].spec.labels == tuple(color_names(inputs.van_gogh.split("train")["image"][:2]))


def test_the_spec_has_a_thumbnail_of_each_style(inputs, exported) -> None:
    spec = exported[0].spec
    assert tuple(spec.thumbnails) == spec.labels
    content = base64.b64decode(spec.thumbnails[spec.labels[1]].removeprefix("data:image/webp;base64,"))
    small = Image.open(io.BytesIO(content)).convert("RGB")
    assert small.size == (96, 96)
    painting = Image.fromarray(inputs.van_gogh.split("train")["image"][1]).resize((96, 96))
    assert np.abs(np.asarray(small, float) - np.asarray(painting)).mean() < 12


def test_the_file_has_versions_that_the_runtime_supports(exported) -> None:
    model = onnx.load(exported[1])
    assert model.ir_version <= 13
    assert {entry.domain: entry.version for entry in model.opset_import}[""] == 18


@pytest.mark.parametrize("size", SIZES)
def test_photos_of_any_size_are_stylized_with_any_strength(exported, size) -> None:
    stylizer, photo = FastStylizer(OnnxModel(exported[1]), exported[0].spec), images(*size, count=1)[0].astype(np.uint8)
    assert (stylizer.stylize(photo, {}) == photo).all()
    full, half = (stylizer.stylize(photo, {stylizer.styles[1]: weight}).astype(float) for weight in (1.0, 0.5))
    assert full.shape == photo.shape
    assert np.abs((full + photo) / 2 - half).max() <= 1


def test_an_unfinished_training_is_not_exported(inputs, make_settings, trained, tmp_path) -> None:
    target = tmp_path / "model.onnx"
    with pytest.raises(BadInputError, match="other settings"):
        export(inputs, make_settings(epochs=2), trained, target)
    with pytest.raises(BadInputError, match="not finished"):
        export(inputs, make_settings(epochs=1), tmp_path / "empty", target)
    assert not target.exists()


def test_the_exported_file_can_be_evaluated(inputs, make_settings, exported) -> None:
    model, spec = OnnxModel(exported[1]), exported[0].spec
    evaluation = evaluate(inputs, model, spec, make_settings(epochs=1))
    assert {
        "content",
        "style",
        "shift_instability",
        "strength_monotonicity",
        "checkerboard",
        "border",
    } <= evaluation.metrics.keys()
    assert evaluation.items["style"].shape == (4,)
