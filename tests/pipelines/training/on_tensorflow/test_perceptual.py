import numpy as np
import pytest
import tensorflow as tf

from atelier.evaluation.stylization import metrics
from atelier.pretrained.perceptual.architectures import ARCHITECTURES
from atelier.pretrained.perceptual.asset import Perceptual
from atelier.pretrained.perceptual.extractor import Extractor
from pipelines.training.on_tensorflow.perceptual import FeatureExtractor
from pipelines.training.on_tensorflow.tensor_ops import gram, relative_distance
from tests.helpers.perceptual_networks import SIZES, assert_features_close, images, squeezenet, write_perceptual


def compare(perceptual: Perceptual) -> None:
    extractor, reference = FeatureExtractor(perceptual), Extractor(perceptual)
    for size in SIZES:
        batch = images(*size)
        actual = {
            layer: features.numpy().transpose(0, 3, 1, 2) for layer, features in extractor(tf.constant(batch)).items()
        }
        assert_features_close(reference(batch), actual)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_features_equal_those_of_the_onnx_graph_at_any_size(tmp_path, name) -> None:
    compare(write_perceptual(tmp_path / name, name))


@pytest.mark.mirror
def test_trained_features_equal_those_of_the_onnx_graph(tmp_path, mirror) -> None:
    compare(squeezenet(tmp_path, mirror))


def test_a_traced_function_accepts_any_size(tmp_path) -> None:
    perceptual = write_perceptual(tmp_path / "squeezenet", "squeezenet")
    extractor = FeatureExtractor(perceptual)
    traced = tf.function(extractor, input_signature=[tf.TensorSpec((None, None, None, 3), tf.float32)], autograph=False)
    for size in SIZES[:3]:
        batch = images(*size)
        actual = {
            layer: features.numpy().transpose(0, 3, 1, 2) for layer, features in traced(tf.constant(batch)).items()
        }
        assert_features_close(Extractor(perceptual)(batch), actual)


def test_the_gradient_is_that_of_the_image_and_no_weight_is_trained(tmp_path) -> None:
    extractor = FeatureExtractor(write_perceptual(tmp_path / "squeezenet", "squeezenet"))
    image = tf.Variable(images(34, 35))
    with tf.GradientTape() as tape:
        loss = tf.add_n([tf.reduce_mean(tf.square(features)) for features in extractor(image).values()])
    assert tape.watched_variables() == (image,)
    gradient = tape.gradient(loss, image).numpy()
    step = 1e-1 * np.sign(gradient).astype(np.float32)
    raised, lowered = (
        sum(float(tf.reduce_mean(tf.square(features))) for features in extractor(image + way * step).values())
        for way in (1, -1)
    )
    assert raised - lowered == pytest.approx(2 * (gradient * step).sum(), rel=0.05)


def test_gram_is_the_mean_of_products_of_channels() -> None:
    features = np.random.default_rng(0).normal(size=(2, 3, 5, 4)).astype(np.float32)
    expected = np.einsum("bhwi,bhwj->bij", features, features) / 15
    np.testing.assert_allclose(gram(tf.constant(features)), expected, rtol=1e-5, atol=1e-6)


def test_relative_distance_equals_that_of_the_evaluation() -> None:
    actual, reference = np.random.default_rng(0).normal(size=(2, 3, 5, 4)).astype(np.float32)
    distance = relative_distance(tf.constant(actual), tf.constant(reference))
    np.testing.assert_allclose(distance, metrics.relative_distance(actual, reference), rtol=1e-4)


def test_the_gradient_at_distance_0_is_finite() -> None:
    image = tf.Variable(images(4, 4))
    with tf.GradientTape() as tape:
        distance = relative_distance(image, tf.constant(image))
    assert np.isfinite(tape.gradient(distance, image).numpy()).all()
    assert float(tf.reduce_max(distance)) == pytest.approx(1e-4)


def test_features_in_bfloat16_are_nearly_the_same_and_returned_as_float32(tmp_path) -> None:
    perceptual, image = write_perceptual(tmp_path / "squeezenet", "squeezenet"), tf.constant(images(48, 40))
    float32, bfloat16 = FeatureExtractor(perceptual)(image), FeatureExtractor(perceptual, precision="bfloat16")(image)
    for layer, features in bfloat16.items():
        assert features.dtype == tf.float32
        assert 0 < relative_distance(features, float32[layer]).numpy().max() < 0.03
