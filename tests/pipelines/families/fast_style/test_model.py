import keras
import numpy as np
import pytest

from pipelines.families.fast_style.model import ConditionalInstanceNorm, Enlarge, build_network, painting_model
from tests.helpers.family_settings import family_settings
from tests.helpers.perceptual_networks import SIZES, images

STYLES = 3


def small(finest_skip: int | None):
    return family_settings("fast_style", {"model": {"width": 4, "blocks": 1, "finest_skip": finest_skip}}).model


def trained(finest_skip: int | None = 2) -> keras.Model:
    """A network whose styles differ."""
    network = build_network(STYLES, small(finest_skip), seed=0)
    chance = np.random.default_rng(0)
    for weight in network.trainable_variables:
        if weight.name in ("gain", "bias"):
            weight.assign(weight + chance.normal(0, 0.5, weight.shape))
    return network


@pytest.fixture(scope="module")
def network() -> keras.Model:
    return trained()


def paint(network: keras.Model, image: np.ndarray, weights: list[list[float]]) -> np.ndarray:
    """As it is served."""
    return np.asarray(painting_model(network)([image, np.array(weights, np.float32)])["picture"])


def test_skips_reach_as_far_as_they_are_told() -> None:
    sizes = [trained(finest_skip).count_params() for finest_skip in (1, 2, None)]
    assert sizes[0] - sizes[1] == 9 * 4 * 4  # the last convolution but one sees 4 channels more
    assert sizes[1] - sizes[2] == 9 * 8 * 8


def test_the_outer_kernels_are_as_large_as_they_are_told() -> None:
    large, less = (build_network(STYLES, small(2).model_copy(update={"outer_kernel": side}), 0) for side in (9, 5))
    assert large.count_params() - less.count_params() == 2 * (9**2 - 5**2) * 3 * 4  # 3 colours, 4 channels


@pytest.mark.parametrize("finest_skip", [1, 2, None])
def test_a_picture_has_the_size_of_its_photo(finest_skip: int | None) -> None:
    network, mix = trained(finest_skip), np.eye(STYLES, dtype=np.float32)[:2]
    for height, width in SIZES:
        picture = np.asarray(network([images(height, width), mix]))
        assert picture.shape == (2, height, width, 3)
        assert 0 <= picture.min() < picture.max() <= 255


def test_each_photo_of_a_batch_gets_its_own_style(network: keras.Model) -> None:
    photo, mix = images(32, 40, count=1), np.eye(STYLES, dtype=np.float32)
    together = np.asarray(network([np.repeat(photo, STYLES, axis=0), mix]))
    for style in range(STYLES):
        alone = np.asarray(network([photo, mix[style : style + 1]]))
        np.testing.assert_allclose(together[style], alone[0], atol=1e-3)
        assert np.abs(together[style] - together[style - 1]).mean() > 1


def test_without_any_weight_the_photo_comes_back_exactly(network: keras.Model) -> None:
    photo = images(33, 47)
    assert (paint(network, photo, [[0, 0, 0]] * 2) == photo).all()


def test_the_sum_of_the_weights_is_the_strength_and_their_proportions_are_the_blend(network: keras.Model) -> None:
    photo = images(32, 33, count=1)
    blend = np.asarray(network([photo, np.array([[0.25, 0.75, 0]], np.float32)]))
    np.testing.assert_allclose(paint(network, photo, [[0.25, 0.75, 0]]), blend, atol=1e-3)
    np.testing.assert_allclose(paint(network, photo, [[0.1, 0.3, 0]]), 0.4 * blend + 0.6 * photo, atol=1e-3)


def test_more_than_1_in_all_is_as_much_as_1(network: keras.Model) -> None:
    photo = images(32, 33, count=1)
    np.testing.assert_allclose(paint(network, photo, [[1, 1, 0]]), paint(network, photo, [[0.5, 0.5, 0]]), atol=1e-3)


def test_strengths_of_a_batch_are_each_photo_s_own(network: keras.Model) -> None:
    photos = images(32, 33, count=2)
    both = paint(network, photos, [[0, 0, 0], [0, 1, 0]])
    assert (both[0] == photos[0]).all()
    np.testing.assert_allclose(both[1:], paint(network, photos[1:], [[0, 1, 0]]), atol=1e-3)


def test_the_norm_gives_every_channel_the_mean_and_deviation_of_its_style() -> None:
    norm = ConditionalInstanceNorm(2, 3)
    gain, bias = np.array([[1, 2, 3], [4, 5, 6]], np.float32), np.array([[0, 1, 0], [0, 0, -2]], np.float32)
    norm.gain.assign(gain)
    norm.bias.assign(bias)
    x = np.random.default_rng(0).normal(7, 3, (2, 9, 8, 3)).astype(np.float32)
    mix = np.array([[0, 1], [0.5, 0.5]], np.float32)
    answer = np.asarray(norm(x, mix))
    np.testing.assert_allclose(answer.mean((1, 2)), mix @ bias, atol=1e-4)
    np.testing.assert_allclose(answer.std((1, 2)), mix @ gain, rtol=1e-4)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("nearest", [[0, 0, 4, 4, 8], [0, 0, 4, 4, 8], [12, 12, 16, 16, 20]]),
        ("bilinear", [[0, 1, 3, 5, 7], [3, 4, 6, 8, 10], [9, 10, 12, 14, 16]]),
    ],
)
def test_enlarging_doubles_both_sides_and_cuts_what_is_too_much(method, expected) -> None:
    x = 4 * np.arange(6, dtype=np.float32).reshape(1, 2, 3, 1)
    answer = np.asarray(Enlarge(method)(x, np.zeros((1, 3, 5, 4), np.float32)))[0, ..., 0]
    assert answer.tolist() == expected


def test_weights_are_drawn_from_the_seed_alone() -> None:
    def weights(seed: int) -> np.ndarray:
        keras.utils.set_random_seed(int(np.random.default_rng().integers(100)))
        return np.concatenate([weight.ravel() for weight in build_network(2, small(2), seed).get_weights()])

    assert (weights(0) == weights(0)).all()
    assert (weights(0) != weights(1)).any()


def test_in_bfloat16_the_picture_is_nearly_the_same_and_the_weights_are_float32() -> None:
    exact, rough = (build_network(STYLES, small(2), 0, precision) for precision in ("float32", "bfloat16"))
    rough.set_weights(exact.get_weights())
    assert {weight.dtype for weight in rough.trainable_variables} == {"float32"}
    image, mix = images(40, 33), np.eye(STYLES, dtype=np.float32)[:1]
    pictures = [np.asarray(network([image[:1], mix])) for network in (exact, rough)]
    assert pictures[1].dtype == np.float32
    assert 0 < np.abs(pictures[0] - pictures[1]).mean() < 2
