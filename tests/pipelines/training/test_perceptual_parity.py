"""The extractors of both frameworks have equal outputs, and VGG16 equals that of Keras Applications."""

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf
import torch

from atelier.onnx.model import OnnxModel
from atelier.pretrained.perceptual.architectures import ARCHITECTURES, VGG16
from atelier.pretrained.perceptual.onnx_graph import to_onnx
from atelier.pretrained.perceptual.weights import read_weights
from pipelines.training.on_tensorflow import perceptual as tensorflow_perceptual
from pipelines.training.on_tensorflow import tensor_ops as tensorflow_ops
from pipelines.training.on_torch import perceptual as torch_perceptual
from pipelines.training.on_torch import tensor_ops as torch_ops
from tests.helpers.perceptual_networks import SIZES, assert_features_close, images, write_perceptual


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_tensorflow_and_torch_extract_equal_features(tmp_path, name) -> None:
    asset = write_perceptual(tmp_path / name, name)
    tensorflow_extractor, torch_extractor = (
        tensorflow_perceptual.FeatureExtractor(asset),
        torch_perceptual.FeatureExtractor(asset),
    )
    for size in SIZES:
        batch = images(*size)
        ours, theirs = (
            tensorflow_extractor(tf.constant(batch)),
            torch_extractor(torch.from_numpy(batch).permute(0, 3, 1, 2)),
        )
        features = {layer: value.numpy().transpose(0, 3, 1, 2) for layer, value in ours.items()}
        assert_features_close(features, {layer: value.numpy() for layer, value in theirs.items()})
        for layer in tensorflow_extractor.layers:
            grams = tensorflow_ops.gram(ours[layer]).numpy(), torch_ops.gram(theirs[layer]).numpy()
            assert np.abs(grams[0] - grams[1]).max() <= 1e-4 * np.abs(grams[0]).max()


def test_vgg16_equals_that_of_keras_applications(tmp_path) -> None:
    keras.utils.set_random_seed(0)
    published = keras.applications.VGG16(weights=None, include_top=False)
    with h5py.File(tmp_path / "vgg.h5", "w") as file:  # as the published file is laid out
        for conv in VGG16.convolutions:
            names = [f"{conv.name}_W_1:0", f"{conv.name}_b_1:0"]
            group = file.create_group(conv.name)
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name, array in zip(names, published.get_layer(conv.name).get_weights(), strict=True):
                group[name] = array
    batch = images(37, 48)
    model = keras.Model(published.inputs[0], [published.get_layer(layer).output for layer in VGG16.feature_layers])
    expected = model(keras.applications.vgg16.preprocess_input(batch.copy()))
    theirs = {
        layer: np.transpose(value, (0, 3, 1, 2)) for layer, value in zip(VGG16.feature_layers, expected, strict=True)
    }
    ours = OnnxModel(to_onnx(VGG16, read_weights(tmp_path / "vgg.h5", VGG16)))(image=batch)
    assert_features_close(theirs, ours)
