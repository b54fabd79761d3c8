"""One export for all tests here: the exporter takes its time."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from atelier.errors import BadInputError
from atelier.onnx.example import example_inputs
from atelier.onnx.model import OnnxModel
from atelier.predictors.stylizer import ArbitraryStylizer, blend
from pipelines.families.arbitrary_style.batches import Images
from pipelines.families.arbitrary_style.export import Painting, export, parity
from pipelines.families.arbitrary_style.training import new_network, train
from pipelines.lifecycle.contracts import ExportReport
from tests.helpers.image_files import random_image
from tests.helpers.training_logs import Recorder

MakeExportReport = tuple[ExportReport, Path]


@pytest.fixture(scope="module")
def settings(make_settings):
    return make_settings(epochs=1)


@pytest.fixture(scope="module")
def trained(inputs, settings, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    train(inputs, settings, Recorder(), folder)
    return folder


@pytest.fixture(scope="module")
def exported(inputs, settings, trained, tmp_path_factory) -> MakeExportReport:
    target = tmp_path_factory.mktemp("exported") / "model.onnx"
    return export(inputs, settings, trained, target), target


@pytest.fixture(scope="module")
def stylizer(exported) -> ArbitraryStylizer:
    return ArbitraryStylizer(OnnxModel(exported[1]), exported[0].spec)


def photo(seed: int, height: int = 40, width: int = 33) -> np.ndarray:
    return np.asarray(random_image(seed, height, width))


def test_the_file_answers_as_the_network_does(exported) -> None:
    assert exported[0].parity["model"] < 0.1
    assert exported[0].parameters > 1000


def test_another_network_has_no_parity(inputs, settings, exported) -> None:
    network = new_network(inputs.perceptual, settings)
    photos, paintings = Images("test", inputs.coco), Images("test", inputs.van_gogh)
    assert parity(Painting(network).eval(), OnnxModel(exported[1]), photos, paintings) > 1


def test_a_network_that_answers_nan_has_none_that_a_gate_would_pass(inputs, settings, exported) -> None:
    network = new_network(inputs.perceptual, settings)
    torch.nn.init.constant_(network.paint.convolution.weight, torch.nan)
    photos, paintings = Images("test", inputs.coco), Images("test", inputs.van_gogh)
    assert not parity(Painting(network).eval(), OnnxModel(exported[1]), photos, paintings) <= 1e9


@pytest.mark.parametrize(("height", "width"), [(32, 32), (33, 50), (127, 36), (64, 64)])
def test_a_picture_is_as_large_as_its_photo(stylizer, height, width) -> None:
    painted = stylizer.stylize(photo(1, height, width), stylizer.statistics(photo(2, width, height)))
    assert painted.shape == (height, width, 3)


def test_the_interface_is_the_one_the_spec_tells(exported) -> None:
    spec, graph = exported[0].spec.parts["model"], onnx.load(exported[1]).graph
    assert [value.name for value in graph.input] == [tensor.name for tensor in spec.inputs]
    assert [value.name for value in graph.output] == [tensor.name for tensor in spec.outputs]
    for values, tensors in ((graph.input, spec.inputs), (graph.output, spec.outputs)):
        for value, tensor in zip(values, tensors, strict=True):
            sizes = value.type.tensor_type.shape.dim
            assert len(sizes) == len(tensor.shape)
            fixed = [isinstance(axis, int) for axis in tensor.shape]
            assert [bool(size.dim_value) for size in sizes] == fixed
    answer = OnnxModel(exported[1])(**example_inputs(spec, {"height": 40, "width": 32}))
    assert answer["picture"].shape == (1, 40, 32, 3)
    assert all(np.isfinite(values).all() for values in answer.values())


def test_statistics_do_not_need_the_decoder(exported, stylizer) -> None:
    """What they are computed from has no weights but the encoder's."""
    graph = onnx.load(exported[1]).graph
    made_by = {output: node for node in graph.node for output in node.output}
    needed, waiting = set(), ["statistics"]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += made_by[name].input if name in made_by else []
    assert "image" in needed
    assert not {"style", "strength"} & needed
    assert [node for node in graph.node if node.op_type == "Resize" and not set(node.output) & needed]
    assert not [node for node in graph.node if node.op_type == "Resize" and set(node.output) & needed]


def test_strength_and_blends_go_from_one_style_to_another(stylizer) -> None:
    image, one, other = photo(1), stylizer.statistics(photo(2)), stylizer.statistics(photo(3))
    none = [stylizer.stylize(image, style, 0.0).astype(int) for style in (one, other)]
    assert np.abs(none[0] - none[1]).max() <= 1
    assert (stylizer.stylize(image, blend([one, other], [1, 0])) == stylizer.stylize(image, one)).all()
    assert (stylizer.stylize(image, one) != stylizer.stylize(image, other)).any()


def test_an_item_is_painted_alike_alone_and_in_company(exported, stylizer) -> None:
    model, styles = OnnxModel(exported[1]), np.stack([stylizer.statistics(photo(seed)) for seed in (4, 5, 6)])
    images = np.stack([photo(seed) for seed in (1, 2, 3)]).astype(np.float32)
    strength = np.array([1.0, 0.5, 0.25], np.float32)
    together = model(image=images, style=styles, strength=strength)
    for item in range(3):
        of = slice(item, item + 1)
        alone = model(image=images[of], style=styles[of], strength=strength[of])
        np.testing.assert_allclose(together["picture"][of], alone["picture"], atol=0.05)
        np.testing.assert_allclose(together["statistics"][of], alone["statistics"], rtol=1e-3, atol=0.01)


def test_the_file_names_no_file_of_this_machine(exported) -> None:
    assert str(Path(__file__).parents[4]).encode() not in exported[1].read_bytes()


def test_an_unfinished_training_is_not_exported(inputs, make_settings, trained, tmp_path) -> None:
    for settings, folder in ((make_settings(epochs=2), trained), (make_settings(), tmp_path)):
        with pytest.raises(BadInputError, match="not finished"):
            export(inputs, settings, folder, tmp_path / "model.onnx")
