import numpy as np
import pytest

from atelier.evaluation.stylization.metrics import (
    Judge,
    gram,
    match_colours,
    monotone_share,
    relative_distance,
    style_reached,
)
from atelier.pretrained.perceptual.architectures import RANDOM
from atelier.pretrained.perceptual.extractor import Extractor
from tests.helpers.perceptual_networks import images, write_perceptual


@pytest.fixture(scope="module")
def judge(tmp_path_factory):
    return Judge(RANDOM, Extractor(write_perceptual(tmp_path_factory.mktemp("random") / "random", "random")))


def test_gram_is_the_mean_of_products_of_channels() -> None:
    features = np.random.default_rng(0).normal(size=(2, 4, 3, 5)).astype(np.float32)
    np.testing.assert_allclose(gram(features), np.einsum("bihw,bjhw->bij", features, features) / 15, rtol=1e-5)


def test_gram_does_not_know_where() -> None:
    features = np.random.default_rng(0).normal(size=(1, 4, 6, 5))
    shuffled = np.random.default_rng(1).permutation(features.reshape(1, 4, 30), axis=2).reshape(1, 4, 5, 6)
    np.testing.assert_allclose(gram(features), gram(shuffled))


def test_distance_is_relative_to_the_second() -> None:
    ones = np.ones((2, 3, 4))
    assert relative_distance(3 * ones, ones).tolist() == pytest.approx([2, 2])
    assert relative_distance(ones, 2 * ones).tolist() == pytest.approx([0.5, 0.5])
    assert relative_distance(ones, ones).tolist() == [0, 0]


def test_distances_are_what_the_definition_says(judge, tmp_path) -> None:
    extract = Extractor(write_perceptual(tmp_path / "random", "random"))
    picture, photo, painting = images(40, 48, 3)
    found = judge([picture], [photo], [painting])
    ours, of_photo, of_painting = (extract(image[None]) for image in (picture, photo, painting))
    content = np.linalg.norm(ours["conv3"] - of_photo["conv3"]) / np.linalg.norm(of_photo["conv3"])
    style = []
    for tap in RANDOM.style_layers:
        mine, theirs = (f[tap][0].reshape(f[tap].shape[1], -1) for f in (ours, of_painting))
        mine, theirs = mine @ mine.T / mine.shape[1], theirs @ theirs.T / theirs.shape[1]
        style.append(np.linalg.norm(mine - theirs) / np.linalg.norm(theirs))
    assert found.content[0] == pytest.approx(content, rel=1e-4)
    assert found.style[0] == pytest.approx(np.mean(style), rel=1e-4)


def test_a_photo_has_its_content_and_a_painting_its_style(judge) -> None:
    photo, painting = images(40, 48)
    distances = judge([photo, painting], [photo, photo], [painting, painting])
    assert distances.content[0] == 0 < distances.content[1]
    assert distances.style[1] == 0 < distances.style[0]


def test_pairs_may_differ_in_size(judge) -> None:
    photos, paintings = [images(40, 48)[0], images(33, 35)[0]], [images(64, 32, seed=1)[0], images(40, 48, seed=1)[0]]
    together = judge(photos, photos, paintings)
    alone = judge(photos[1:], photos[1:], paintings[1:])
    assert together.style[1] == alone.style[0]
    with pytest.raises(ValueError):
        judge(photos, photos, paintings[:1])


def test_style_reached_is_0_at_the_photo_and_1_at_the_slow_method() -> None:
    photo, slow = np.array([0.84, 0.84, 0.84, 0.5]), np.array([0.1, 0.1, 0.1, 0.5])
    reached = style_reached(np.array([0.84, 0.1, 0.58, 0.3]), photo, slow)
    assert reached[:3] == pytest.approx([0, 1, 0.26 / 0.74])
    assert np.isnan(reached[3])
    assert style_reached(np.array([0.25]), np.array([0.84]), 0.1)[0] == pytest.approx(0.59 / 0.74)


def test_matched_colours_have_the_painting_s_mean_and_covariance() -> None:
    rng = np.random.default_rng(0)
    mix = np.array([[20, 15, 10], [-5, 8, 4], [3, -2, 6]])
    photo = np.clip(120 + rng.normal(size=(60, 50, 3)) @ mix, 0, 255).astype(np.uint8)
    painting = np.clip(140 + rng.normal(size=(40, 70, 3)) @ np.flip(mix), 0, 255).astype(np.uint8)
    matched = match_colours(photo, painting)
    assert matched.shape == photo.shape
    ours, theirs = matched.reshape(-1, 3).astype(float), painting.reshape(-1, 3).astype(float)
    np.testing.assert_allclose(ours.mean(0), theirs.mean(0), atol=0.5)
    np.testing.assert_allclose(np.cov(ours.T), np.cov(theirs.T), atol=3)


def test_colours_that_match_already_stay() -> None:
    photo = images(40, 48)[0].astype(np.uint8)
    assert np.abs(match_colours(photo, photo).astype(int) - photo).max() <= 1


def test_colours_of_grey_and_plain_images_match_without_an_error() -> None:
    grey = np.repeat(images(40, 48)[0].astype(np.uint8)[..., :1], 3, axis=2)
    plain = np.full((8, 8, 3), (200, 100, 50), np.uint8)
    coloured = images(40, 48, seed=1)[0].astype(np.uint8)
    assert np.abs(match_colours(coloured, plain).astype(int) - plain[0, 0]).max() <= 3
    assert np.abs(match_colours(grey, coloured).mean((0, 1)) - coloured.mean((0, 1))).max() < 5
    assert match_colours(plain, coloured).dtype == np.uint8


def test_a_colour_match_is_nearer_to_the_painting_than_the_photo_is(judge) -> None:
    photo, painting = (image.astype(np.uint8) for image in images(64, 64))
    painting = (painting * np.array([0.9, 0.5, 0.3])).astype(np.uint8)
    distances = judge([photo, match_colours(photo, painting)], [photo] * 2, [painting] * 2)
    assert distances.style[1] < 0.8 * distances.style[0]


def test_monotone_share_counts_the_steps_that_do_not_rise() -> None:
    falling, rising = np.array([[1.0, 0.7, 0.4, 0.1]]), np.array([[0.1, 0.4, 0.7, 1.0]])
    assert monotone_share(falling) == 1
    assert monotone_share(rising) == 0
    assert monotone_share(-rising) == 1
    assert monotone_share(np.array([[1.0, 0.7, 0.8, 0.1]])) == pytest.approx(2 / 3)


def test_a_step_may_go_wrong_by_the_slack() -> None:
    values = np.array([[1.0, 0.5, 0.505, 0.0]])
    assert monotone_share(values, slack=0.01) == 1
    assert monotone_share(values, slack=0.001) == pytest.approx(2 / 3)
