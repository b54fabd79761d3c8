import numpy as np
import onnx
import pytest

from atelier.errors import BadInputError
from atelier.pretrained.perceptual.asset import Perceptual
from atelier.pretrained.perceptual.extractor import Extractor
from atelier.pretrained.perceptual.onnx_graph import IR, OPSET, to_onnx
from tests.helpers.perceptual_networks import assert_features_close, images, squeezenet, write_perceptual


@pytest.fixture(scope="module")
def perceptual(tmp_path_factory):
    return write_perceptual(tmp_path_factory.mktemp("perceptual") / "random", "random")


def test_the_first_layer_is_a_convolution_of_rgb_minus_the_mean(perceptual) -> None:
    image = images(9, 8, 1)
    features = Extractor(perceptual, ["conv1"])(image)["conv1"][0]
    weights, bias = (perceptual.weights[f"conv1.{part}"] for part in ("weight", "bias"))
    centred = np.pad(image[0] - np.array(perceptual.architecture.mean), ((2, 2), (2, 2), (0, 0)))
    for row, column in ((0, 0), (4, 5), (8, 7)):
        window = centred[row : row + 5, column : column + 5].transpose(2, 0, 1)
        expected = np.maximum((weights * window).sum(axis=(1, 2, 3)) + bias, 0)
        np.testing.assert_allclose(features[:, row, column], expected, rtol=1e-4, atol=1e-2)


def test_uint8_and_float_images_have_the_same_features(perceptual) -> None:
    extractor, whole = Extractor(perceptual), images(40, 24).astype(np.uint8)
    assert_features_close(extractor(whole), extractor(whole.astype(np.float64)))


def test_features_do_not_depend_on_other_images_of_the_batch(perceptual) -> None:
    extractor, batch = Extractor(perceptual), images(32, 32)
    together, alone = extractor(batch), extractor(batch[1:])
    assert_features_close({tap: features[1:] for tap, features in together.items()}, alone)


def test_the_requested_layers_are_returned_in_order(perceptual) -> None:
    assert list(Extractor(perceptual)(images(32, 32))) == ["conv1", "conv2", "conv3", "conv4"]
    assert list(Extractor(perceptual, ["pool2", "conv1"])(images(32, 32))) == ["pool2", "conv1"]


def test_input_that_is_no_batch_of_images_is_rejected(perceptual) -> None:
    for shape in ((32, 32, 3), (1, 3, 32, 32), (1, 32, 32, 4)):
        with pytest.raises(BadInputError, match="takes images"):
            Extractor(perceptual)(np.zeros(shape))


def test_the_graph_has_pinned_versions_and_is_deterministic(perceptual) -> None:
    graphs = [to_onnx(perceptual.architecture, perceptual.weights) for _ in range(2)]
    model = onnx.load_from_string(graphs[0])
    assert graphs[0] == graphs[1]
    assert (model.ir_version, model.opset_import[0].version) == (IR, OPSET)


def test_the_error_of_a_folder_without_a_network(tmp_path) -> None:
    with pytest.raises(BadInputError, match="no raw data"):
        _ = Perceptual(tmp_path).architecture


@pytest.mark.mirror
def test_trained_features_of_another_photo_are_farther_away_than_those_of_a_brighter_one(tmp_path, mirror) -> None:
    from PIL import Image

    names = sorted((mirror / "landscapes").glob("*.jpg"))[:2]
    photo, other = (np.asarray(Image.open(name).convert("RGB"), np.float32)[None] for name in names)
    extractor = Extractor(squeezenet(tmp_path, mirror))
    features = [extractor(image)["features.7"] for image in (photo, np.minimum(photo * 1.1, 255), other)]
    brighter, another = (np.linalg.norm(f - features[0]) / np.linalg.norm(features[0]) for f in features[1:])
    assert brighter < 0.3 < 0.7 < another
