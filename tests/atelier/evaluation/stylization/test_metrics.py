import numpy as np
import pytest

from atelier.evaluation.stylization.metrics import (
    ContentStyleDistance,
    gap_closed,
    gram,
    match_colors,
    monotonicity,
    relative_distance,
)
from atelier.pretrained.perceptual.architectures import RANDOM
from atelier.pretrained.perceptual.extractor import Extractor
from tests.helpers.perceptual_networks import images, write_perceptual


@pytest.fixture(scope="module")
def distance(tmp_path_factory):
    return ContentStyleDistance(
        RANDOM, Extractor(write_perceptual(tmp_path_factory.mktemp("random") / "random", "random"))
    )


def test_gram_is_the_mean_of_products_of_channels() -> None:
    features = np.random.default_rng(0).normal(size=(2, 4, 3, 5)).astype(np.float32)
    np.testing.assert_allclose(gram(features), np.einsum("bihw,bjhw->bij", features, features) / 15, rtol=1e-5)


def test_gram_does_not_depend_on_positions() -> None:
    features = np.random.default_rng(0).normal(size=(1, 4, 6, 5))
    shuffled = np.random.default_rng(1).permutation(features.reshape(1, 4, 30), axis=2).reshape(1, 4, 5, 6)
    np.testing.assert_allclose(gram(features), gram(shuffled))


def test_distance_is_relative_to_the_second() -> None:
    ones = np.ones((2, 3, 4))
    assert relative_distance(3 * ones, ones).tolist() == pytest.approx([2, 2])
    assert relative_distance(ones, 2 * ones).tolist() == pytest.approx([0.5, 0.5])
    assert relative_distance(ones, ones).tolist() == [0, 0]


def test_distances_follow_their_definition(distance, tmp_path) -> None:
    extract = Extractor(write_perceptual(tmp_path / "random", "random"))
    picture, photo, painting = images(40, 48, 3)
    found = distance([picture], [photo], [painting])
    ours, of_photo, of_painting = (extract(image[None]) for image in (picture, photo, painting))
    content = np.linalg.norm(ours["conv3"] - of_photo["conv3"]) / np.linalg.norm(of_photo["conv3"])
    style = []
    for layer in RANDOM.style_layers:
        mine, theirs = (f[layer][0].reshape(f[layer].shape[1], -1) for f in (ours, of_painting))
        mine, theirs = mine @ mine.T / mine.shape[1], theirs @ theirs.T / theirs.shape[1]
        style.append(np.linalg.norm(mine - theirs) / np.linalg.norm(theirs))
    assert found.content[0] == pytest.approx(content, rel=1e-4)
    assert found.style[0] == pytest.approx(np.mean(style), rel=1e-4)


def test_distances_are_0_at_the_photo_and_at_the_painting(distance) -> None:
    photo, painting = images(40, 48)
    distances = distance([photo, painting], [photo, photo], [painting, painting])
    assert distances.content[0] == 0 < distances.content[1]
    assert distances.style[1] == 0 < distances.style[0]


def test_pairs_may_differ_in_size(distance) -> None:
    photos, paintings = [images(40, 48)[0], images(33, 35)[0]], [images(64, 32, seed=1)[0], images(40, 48, seed=1)[0]]
    together = distance(photos, photos, paintings)
    alone = distance(photos[1:], photos[1:], paintings[1:])
    assert together.style[1] == alone.style[0]
    with pytest.raises(ValueError):
        distance(photos, photos, paintings[:1])


def test_gap_closed_is_0_at_the_photo_and_1_at_gatys_method() -> None:
    photo, slow = np.array([0.84, 0.84, 0.84, 0.5]), np.array([0.1, 0.1, 0.1, 0.5])
    closed = gap_closed(np.array([0.84, 0.1, 0.58, 0.3]), photo, slow)
    assert closed[:3] == pytest.approx([0, 1, 0.26 / 0.74])
    assert np.isnan(closed[3])
    assert gap_closed(np.array([0.25]), np.array([0.84]), 0.1)[0] == pytest.approx(0.59 / 0.74)


def test_matched_colors_have_the_mean_and_covariance_of_the_painting() -> None:
    rng = np.random.default_rng(0)
    mix = np.array([[20, 15, 10], [-5, 8, 4], [3, -2, 6]])
    photo = np.clip(120 + rng.normal(size=(60, 50, 3)) @ mix, 0, 255).astype(np.uint8)
    painting = np.clip(140 + rng.normal(size=(40, 70, 3)) @ np.flip(mix), 0, 255).astype(np.uint8)
    matched = match_colors(photo, painting)
    assert matched.shape == photo.shape
    ours, theirs = matched.reshape(-1, 3).astype(float), painting.reshape(-1, 3).astype(float)
    np.testing.assert_allclose(ours.mean(0), theirs.mean(0), atol=0.5)
    np.testing.assert_allclose(np.cov(ours.T), np.cov(theirs.T), atol=3)


def test_matching_colors_do_not_change() -> None:
    photo = images(40, 48)[0].astype(np.uint8)
    assert np.abs(match_colors(photo, photo).astype(int) - photo).max() <= 1


def test_colors_of_gray_and_uniform_images_are_matched_without_an_error() -> None:
    gray = np.repeat(images(40, 48)[0].astype(np.uint8)[..., :1], 3, axis=2)
    plain = np.full((8, 8, 3), (200, 100, 50), np.uint8)
    colored = images(40, 48, seed=1)[0].astype(np.uint8)
    assert np.abs(match_colors(colored, plain).astype(int) - plain[0, 0]).max() <= 3
    assert np.abs(match_colors(gray, colored).mean((0, 1)) - colored.mean((0, 1))).max() < 5
    assert match_colors(plain, colored).dtype == np.uint8


def test_a_color_match_is_nearer_to_the_painting_than_the_photo_is(distance) -> None:
    photo, painting = (image.astype(np.uint8) for image in images(64, 64))
    painting = (painting * np.array([0.9, 0.5, 0.3])).astype(np.uint8)
    distances = distance([photo, match_colors(photo, painting)], [photo] * 2, [painting] * 2)
    assert distances.style[1] < 0.8 * distances.style[0]


def test_monotonicity_is_the_fraction_of_steps_that_do_not_rise() -> None:
    falling, rising = np.array([[1.0, 0.7, 0.4, 0.1]]), np.array([[0.1, 0.4, 0.7, 1.0]])
    assert monotonicity(falling).tolist() == [1]
    assert monotonicity(np.concatenate([rising, -rising])).tolist() == [0, 1]
    assert monotonicity(np.array([[1.0, 0.7, 0.8, 0.1]])) == pytest.approx(2 / 3)


def test_a_rise_within_the_slack_is_accepted() -> None:
    values = np.array([[1.0, 0.5, 0.505, 0.0]])
    assert monotonicity(values, slack=0.01) == 1
    assert monotonicity(values, slack=0.001) == pytest.approx(2 / 3)
