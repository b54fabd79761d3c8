"""All tests share one export, because it is slow."""

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
from pipelines.families.arbitrary_style.export import ServedStylizer, export, parity
from pipelines.families.arbitrary_style.training import new_network, train
from pipelines.lifecycle.contracts import ExportReport
from tests.helpers.image_files import random_image
from tests.helpers.training_logs import Recorder

ReportAndFile = tuple[ExportReport, Path]


@pytest.fixture(scope="module")
def settings(make_settings):
    return make_settings(epochs=1)


@pytest.fixture(scope="module")
def trained(inputs, settings, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    train(inputs, settings, Recorder(), folder)
    return folder


@pytest.fixture(scope="module")
def exported(inputs, settings, trained, tmp_path_factory) -> ReportAndFile:
    target = tmp_path_factory.mktemp("exported") / "model.onnx"
    return export(inputs, settings, trained, target), target


@pytest.fixture(scope="module")
def stylizer(exported) -> ArbitraryStylizer:
    return ArbitraryStylizer(OnnxModel(exported[1]), exported[0].spec)


def photo(seed: int, height: int = 40, width: int = 33) -> np.ndarray:
    return np.asarray(random_image(seed, height, width))


def test_file_and_network_have_equal_outputs(exported) -> None:
    assert exported[0].parity["model"] < 0.1
    assert exported[0].parameters > 1000


def test_the_outputs_of_another_network_differ(inputs, settings, exported) -> None:
    network = new_network(inputs.perceptual, settings)
    photos, paintings = Images("test", inputs.coco), Images("test", inputs.van_gogh)
    assert parity(ServedStylizer(network).eval(), OnnxModel(exported[1]), photos, paintings) > 1


def test_outputs_that_are_nan_exceed_any_parity_budget(inputs, settings, exported) -> None:
    network = new_network(inputs.perceptual, settings)
    torch.nn.init.constant_(network.output.convolution.weight, torch.nan)
    photos, paintings = Images("test", inputs.coco), Images("test", inputs.van_gogh)
    assert not parity(ServedStylizer(network).eval(), OnnxModel(exported[1]), photos, paintings) <= 1e9


@pytest.mark.parametrize(("height", "width"), [(32, 32), (33, 50), (127, 36), (64, 64)])
def test_an_image_has_the_size_of_its_photo(stylizer, height, width) -> None:
    image = stylizer.stylize(photo(1, height, width), stylizer.statistics(photo(2, width, height)))
    assert image.shape == (height, width, 3)


def test_the_interface_is_that_of_the_spec(exported) -> None:
    spec, graph = exported[0].spec.parts["model"], onnx.load(exported[1]).graph
    assert [value.name for value in graph.input] == [tensor.name for tensor in spec.inputs]
    assert [value.name for value in graph.output] == [tensor.name for tensor in spec.outputs]
    for values, tensors in ((graph.input, spec.inputs), (graph.output, spec.outputs)):
        for value, tensor in zip(values, tensors, strict=True):
            sizes = value.type.tensor_type.shape.dim
            assert len(sizes) == len(tensor.shape)
            fixed = [isinstance(axis, int) for axis in tensor.shape]
            assert [bool(size.dim_value) for size in sizes] == fixed
    outputs = OnnxModel(exported[1])(**example_inputs(spec, {"height": 40, "width": 32}))
    assert outputs["picture"].shape == (1, 40, 32, 3)
    assert all(np.isfinite(values).all() for values in outputs.values())


def test_statistics_do_not_need_the_decoder(exported, stylizer) -> None:
    """The only resizing in the graph is in the decoder."""
    graph = onnx.load(exported[1]).graph
    node_of = {output: node for node in graph.node for output in node.output}
    needed, waiting = set(), ["statistics"]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += node_of[name].input if name in node_of else []
    assert "image" in needed
    assert not {"style", "strength"} & needed
    assert [node for node in graph.node if node.op_type == "Resize" and not set(node.output) & needed]
    assert not [node for node in graph.node if node.op_type == "Resize" and set(node.output) & needed]


def test_strength_and_blends_interpolate_between_styles(stylizer) -> None:
    image, one, other = photo(1), stylizer.statistics(photo(2)), stylizer.statistics(photo(3))
    none = [stylizer.stylize(image, style, 0.0).astype(int) for style in (one, other)]
    assert np.abs(none[0] - none[1]).max() <= 1
    assert (stylizer.stylize(image, blend([one, other], [1, 0])) == stylizer.stylize(image, one)).all()
    assert (stylizer.stylize(image, one) != stylizer.stylize(image, other)).any()


def test_outputs_do_not_depend_on_the_batch(exported, stylizer) -> None:
    model, styles = OnnxModel(exported[1]), np.stack([stylizer.statistics(photo(seed)) for seed in (4, 5, 6)])
    images = np.stack([photo(seed) for seed in (1, 2, 3)]).astype(np.float32)
    strength = np.array([1.0, 0.5, 0.25], np.float32)
    batch = model(image=images, style=styles, strength=strength)
    for item in range(3):
        part = slice(item, item + 1)
        single = model(image=images[part], style=styles[part], strength=strength[part])
        np.testing.assert_allclose(batch["picture"][part], single["picture"], atol=0.05)
        np.testing.assert_allclose(batch["statistics"][part], single["statistics"], rtol=1e-3, atol=0.01)


def test_the_file_contains_no_paths_of_this_machine(exported) -> None:
    assert str(Path(__file__).parents[4]).encode() not in exported[1].read_bytes()


def test_an_unfinished_training_is_not_exported(inputs, make_settings, trained, tmp_path) -> None:
    for settings, folder in ((make_settings(epochs=2), trained), (make_settings(), tmp_path)):
        with pytest.raises(BadInputError, match="not finished"):
            export(inputs, settings, folder, tmp_path / "model.onnx")
