import keras
import numpy as np
import pytest

from pipelines.families.fast_style.model import ConditionalInstanceNorm, Enlarge, build_network, served_stylizer
from tests.helpers.family_settings import family_settings
from tests.helpers.perceptual_networks import SIZES, images

STYLES = 3


def model_settings(finest_skip: int | None):
    return family_settings("fast_style", {"model": {"width": 4, "blocks": 1, "finest_skip": finest_skip}}).model


def make_network(finest_skip: int | None = 2) -> keras.Model:
    """A network with random gains and biases, so that its styles differ."""
    network = build_network(STYLES, model_settings(finest_skip), seed=0)
    rng = np.random.default_rng(0)
    for weight in network.trainable_variables:
        if weight.name in ("gain", "bias"):
            weight.assign(weight + rng.normal(0, 0.5, weight.shape))
    return network


@pytest.fixture(scope="module")
def network() -> keras.Model:
    return make_network()


def stylize(network: keras.Model, image: np.ndarray, weights: list[list[float]]) -> np.ndarray:
    """Image of the served network."""
    return np.asarray(served_stylizer(network)([image, np.array(weights, np.float32)])["picture"])


def test_the_finest_skip_connection_is_that_of_the_settings() -> None:
    sizes = [make_network(finest_skip).count_params() for finest_skip in (1, 2, None)]
    assert sizes[0] - sizes[1] == 9 * 4 * 4  # the last but one convolution has 4 more input channels
    assert sizes[1] - sizes[2] == 9 * 8 * 8


def test_the_outer_kernels_have_the_size_of_the_settings() -> None:
    large, small = (
        build_network(STYLES, model_settings(2).model_copy(update={"outer_kernel": side}), 0) for side in (9, 5)
    )
    assert large.count_params() - small.count_params() == 2 * (9**2 - 5**2) * 3 * 4  # 3 colors, 4 channels


@pytest.mark.parametrize("finest_skip", [1, 2, None])
def test_an_image_has_the_size_of_its_photo(finest_skip: int | None) -> None:
    network, mix = make_network(finest_skip), np.eye(STYLES, dtype=np.float32)[:2]
    for height, width in SIZES:
        image = np.asarray(network([images(height, width), mix]))
        assert image.shape == (2, height, width, 3)
        assert 0 <= image.min() < image.max() <= 255


def test_each_photo_of_a_batch_gets_its_own_style(network: keras.Model) -> None:
    photo, mix = images(32, 40, count=1), np.eye(STYLES, dtype=np.float32)
    batch = np.asarray(network([np.repeat(photo, STYLES, axis=0), mix]))
    for style in range(STYLES):
        single = np.asarray(network([photo, mix[style : style + 1]]))
        np.testing.assert_allclose(batch[style], single[0], atol=1e-3)
        assert np.abs(batch[style] - batch[style - 1]).mean() > 1


def test_weights_of_0_do_not_change_the_photo(network: keras.Model) -> None:
    photo = images(33, 47)
    assert (stylize(network, photo, [[0, 0, 0]] * 2) == photo).all()


def test_weights_define_the_strength_by_their_sum_and_the_blend_by_their_proportions(network: keras.Model) -> None:
    photo = images(32, 33, count=1)
    blend = np.asarray(network([photo, np.array([[0.25, 0.75, 0]], np.float32)]))
    np.testing.assert_allclose(stylize(network, photo, [[0.25, 0.75, 0]]), blend, atol=1e-3)
    np.testing.assert_allclose(stylize(network, photo, [[0.1, 0.3, 0]]), 0.4 * blend + 0.6 * photo, atol=1e-3)


def test_the_strength_is_at_most_1(network: keras.Model) -> None:
    photo = images(32, 33, count=1)
    np.testing.assert_allclose(
        stylize(network, photo, [[1, 1, 0]]), stylize(network, photo, [[0.5, 0.5, 0]]), atol=1e-3
    )


def test_each_photo_of_a_batch_has_its_own_strength(network: keras.Model) -> None:
    photos = images(32, 33, count=2)
    both = stylize(network, photos, [[0, 0, 0], [0, 1, 0]])
    assert (both[0] == photos[0]).all()
    np.testing.assert_allclose(both[1:], stylize(network, photos[1:], [[0, 1, 0]]), atol=1e-3)


def test_the_norm_sets_mean_and_standard_deviation_of_each_channel() -> None:
    norm = ConditionalInstanceNorm(2, 3)
    gain, bias = np.array([[1, 2, 3], [4, 5, 6]], np.float32), np.array([[0, 1, 0], [0, 0, -2]], np.float32)
    norm.gain.assign(gain)
    norm.bias.assign(bias)
    x = np.random.default_rng(0).normal(7, 3, (2, 9, 8, 3)).astype(np.float32)
    mix = np.array([[0, 1], [0.5, 0.5]], np.float32)
    output = np.asarray(norm(x, mix))
    np.testing.assert_allclose(output.mean((1, 2)), mix @ bias, atol=1e-4)
    np.testing.assert_allclose(output.std((1, 2)), mix @ gain, rtol=1e-4)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("nearest", [[0, 0, 4, 4, 8], [0, 0, 4, 4, 8], [12, 12, 16, 16, 20]]),
        ("bilinear", [[0, 1, 3, 5, 7], [3, 4, 6, 8, 10], [9, 10, 12, 14, 16]]),
    ],
)
def test_enlarge_doubles_both_sides_and_crops(method, expected) -> None:
    x = 4 * np.arange(6, dtype=np.float32).reshape(1, 2, 3, 1)
    output = np.asarray(Enlarge(method)(x, np.zeros((1, 3, 5, 4), np.float32)))[0, ..., 0]
    assert output.tolist() == expected


def test_weights_depend_on_the_seed_only() -> None:
    def weights(seed: int) -> np.ndarray:
        keras.utils.set_random_seed(int(np.random.default_rng().integers(100)))
        return np.concatenate([weight.ravel() for weight in build_network(2, model_settings(2), seed).get_weights()])

    assert (weights(0) == weights(0)).all()
    assert (weights(0) != weights(1)).any()


def test_in_bfloat16_the_image_is_nearly_the_same_and_the_weights_are_float32() -> None:
    float32, bfloat16 = (
        build_network(STYLES, model_settings(2), 0, precision) for precision in ("float32", "bfloat16")
    )
    bfloat16.set_weights(float32.get_weights())
    assert {weight.dtype for weight in bfloat16.trainable_variables} == {"float32"}
    image, mix = images(40, 33), np.eye(STYLES, dtype=np.float32)[:1]
    outputs = [np.asarray(network([image[:1], mix])) for network in (float32, bfloat16)]
    assert outputs[1].dtype == np.float32
    assert 0 < np.abs(outputs[0] - outputs[1]).mean() < 2
