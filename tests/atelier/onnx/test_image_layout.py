import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from atelier.onnx.image_layout import ImageLayout, conversion_nodes, convert, resize_nodes, resized
from atelier.onnx.model import OnnxModel

SHAPES = {"NHW": (4, 5), "NHWC": (4, 5, 1), "NCHW": (1, 4, 5), "NHWC3": (4, 5, 3), "NCHW3": (3, 4, 5), "flat": (20,)}


def layout(name: str) -> ImageLayout:
    found = ImageLayout.of(("batch", *SHAPES[name]))
    assert found
    assert found.axes == name.removesuffix("3")
    return found


@pytest.mark.parametrize("target", SHAPES)
@pytest.mark.parametrize("source", ["NHW", "NHWC", "NCHW"])
def test_numpy_and_onnx_convert_alike(source: str, target: str) -> None:
    images = np.random.default_rng(0).random((2, *SHAPES[source]), np.float32)
    nodes, constants = conversion_nodes(layout(source), layout(target), "x", "y")
    value = helper.make_tensor_value_info
    shape = ["batch", *SHAPES[target]]
    graph = helper.make_graph(
        nodes,
        "convert",
        [value("x", TensorProto.FLOAT, ["batch", *SHAPES[source]])],
        [value("y", TensorProto.FLOAT, shape)],
        constants,
    )
    model = helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 18)])
    onnx.checker.check_model(model)
    converted = OnnxModel(model.SerializeToString())(x=images)["y"]
    np.testing.assert_array_equal(converted, convert(images, layout(source), layout(target)))
    assert converted.shape == (2, *SHAPES[target])
    if target == "NCHW3":
        np.testing.assert_array_equal(converted[:, 2].ravel(), images.ravel())


def test_rgb_moves_its_channels() -> None:
    images = np.arange(2 * 4 * 5 * 3, dtype=np.float32).reshape(2, 4, 5, 3)
    converted = convert(images, layout("NHWC3"), layout("NCHW3"))
    assert converted[1, 2, 3, 4] == images[1, 3, 4, 2]


@pytest.mark.parametrize("shape", [("n",), ("n", "d"), ("n", 4, 5, 7), ("n", 4, 5, 1, 1)])
def test_other_shapes_are_no_images(shape: tuple[int | str, ...]) -> None:
    assert ImageLayout.of(shape) is None


def test_an_axis_of_any_size_fits_every_size_and_another_size_does_not() -> None:
    family = layout("NHW")
    for shape, fits in ((("n", "h", "w", 1), True), (("n", 1, 4, 5), True), (("n", 20), True), (("n", 5, 4), False)):
        found = ImageLayout.of(shape)
        assert found
        assert found.fits(family) == fits


@pytest.mark.parametrize("size", [(4, 5), (3, 3), (7, 4), (8, 10)])
@pytest.mark.parametrize("opset", [11, 18])
def test_numpy_and_onnx_resize_alike(size: tuple[int, int], opset: int) -> None:
    images = np.random.default_rng(0).random((2, 4, 5, 3), np.float32)
    nodes, constants = resize_nodes(size, 3, "x", "y")
    value = helper.make_tensor_value_info
    ends = [value("x", TensorProto.FLOAT, ["n", "h", "w", 3])], [value("y", TensorProto.FLOAT, ["n", *size, 3])]
    graph = helper.make_graph(nodes, "resize", *ends, constants)
    model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", opset)])
    found = OnnxModel(model.SerializeToString())(x=images)["y"]
    np.testing.assert_allclose(found, resized(images, size), atol=1e-6)
    if size == (4, 5):
        np.testing.assert_array_equal(found, images)


def test_images_of_any_size_are_resized_for_a_file_with_a_fixed_one() -> None:
    any_size = ImageLayout.of(("n", "h", "w", 3))
    assert any_size
    assert any_size.resize_to(layout("NCHW3")) == (4, 5)
    assert any_size.resize_to(any_size) is None
    assert layout("NHWC3").resize_to(layout("NHWC3")) is None
