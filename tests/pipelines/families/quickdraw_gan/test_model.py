import keras
import numpy as np
import pytest

from pipelines.families.quickdraw_gan.model import (
    ConditionalBatchNorm,
    LabelProjection,
    build_discriminator,
    build_generator,
)


def noise(count: int, size: int = 8) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((count, size), np.float32)


def test_drawings_have_28_by_28_pixels_in_the_range_of_tanh() -> None:
    generator = build_generator(classes=3, noise=8, embedding=4, width=16, seed=0)
    drawings = np.asarray(generator([noise(5), np.array([0, 1, 2, 0, 1])]))
    assert drawings.shape == (5, 28, 28, 1)
    assert np.abs(drawings).max() <= 1


def test_drawings_depend_on_the_label() -> None:
    generator = build_generator(classes=3, noise=8, embedding=4, width=16, seed=0)
    first, second = (np.asarray(generator([noise(1), np.array([label])])) for label in (0, 1))
    assert np.abs(first - second).max() > 1e-3


@pytest.mark.parametrize("build", [lambda s: build_generator(3, 8, 4, 16, s), lambda s: build_discriminator(3, 8, s)])
def test_initial_weights_depend_on_the_seed_only(build) -> None:
    keras.utils.set_random_seed(1)
    first = build(7).get_weights()
    keras.utils.set_random_seed(2)
    again, other = build(7).get_weights(), build(8).get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_layers_have_different_initial_weights() -> None:
    kernels = [w for w in build_generator(3, 8, 4, 16, 0).get_weights() if w.ndim == 4]
    first_weights = {tuple(kernel.ravel()[:4].tolist()) for kernel in kernels}
    assert len(first_weights) == len(kernels)


def test_outputs_of_the_discriminator_do_not_depend_on_the_batch() -> None:
    discriminator = build_discriminator(classes=3, width=8, seed=0)
    images = np.random.default_rng(0).uniform(-1, 1, (4, 28, 28, 1)).astype(np.float32)
    labels = np.array([0, 1, 2, 0])
    logits, label_logits = map(np.asarray, discriminator([images, labels]))
    assert logits.shape == (4, 1)
    assert label_logits.shape == (4, 3)
    single = np.asarray(discriminator([images[:1], labels[:1]])[0])
    np.testing.assert_allclose(single, logits[:1], atol=1e-5)


def test_conditional_batch_norm_has_a_gain_and_a_bias_per_label() -> None:
    norm = ConditionalBatchNorm(classes=2, channels=3)
    x = np.random.default_rng(0).normal(5, 2, (64, 4, 4, 3)).astype(np.float32)
    labels = np.arange(64) % 2
    norm(x, labels)
    norm.gain.set_weights([np.array([[1, 1, 1], [2, 2, 2]], np.float32)])
    norm.bias.set_weights([np.array([[0, 0, 0], [9, 9, 9]], np.float32)])
    y = np.asarray(norm(x, labels, training=True))
    assert y.reshape(-1, 3).mean() == pytest.approx(4.5, abs=0.2)
    assert y[labels == 0].std() == pytest.approx(1, abs=0.05)
    assert y[labels == 1].std() == pytest.approx(2, abs=0.1)
    assert y[labels == 1].mean() == pytest.approx(9, abs=0.2)


def test_label_projection_is_the_inner_product_with_the_vector_of_the_label() -> None:
    projection = LabelProjection(classes=2, features=3)
    features = np.array([[1, 2, 3], [4, 5, 6]], np.float32)
    assert np.asarray(projection(features, np.array([0, 1]))).tolist() == [[0], [0]]
    projection.vectors.set_weights([np.array([[1, 0, 0], [0, 1, 1]], np.float32)])
    assert np.asarray(projection(features, np.array([0, 1]))).tolist() == [[1], [11]]
