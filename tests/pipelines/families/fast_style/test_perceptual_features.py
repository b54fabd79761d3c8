import numpy as np
import pytest

from atelier.pretrained.perceptual.architectures import ARCHITECTURES
from pipelines.families.fast_style.model import build_network
from pipelines.families.fast_style.perceptual_features import PerceptualFeatures
from tests.helpers.family_settings import family_settings
from tests.helpers.perceptual_networks import SIZES, images, write_perceptual


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_features_have_a_quarter_and_an_eighth_of_any_size(tmp_path, name) -> None:
    layer = PerceptualFeatures(write_perceptual(tmp_path / name, name), "float32")
    for height, width in SIZES:
        for stride, features in zip((4, 8), layer(images(height, width)), strict=True):
            assert features.shape[:3] == (2, -(-height // stride), -(-width // stride))


def test_each_channel_of_each_photo_has_mean_0_and_about_standard_deviation_1(tmp_path) -> None:
    layer = PerceptualFeatures(write_perceptual(tmp_path / "random", "random"), "float32")
    for features in layer(images(64, 48) * np.array([1, 0.2], np.float32)[:, None, None, None]):
        np.testing.assert_allclose(np.mean(features, (1, 2)), 0, atol=1e-4)
        assert np.all(np.std(features, (1, 2)) < 1.001)
        assert np.median(np.std(features, (1, 2))) > 0.8


def test_noise_of_a_constant_photo_is_not_amplified(tmp_path) -> None:
    layer = PerceptualFeatures(write_perceptual(tmp_path / "random", "random"), "float32")
    assert all(np.abs(features).max() < 0.1 for features in layer(np.full((1, 64, 64, 3), 128, np.float32)))


def test_features_are_not_trained_and_have_an_effect_on_the_image(tmp_path) -> None:
    model = family_settings("fast_style", {"model": {"width": 4, "blocks": 1}}).model
    networks = [build_network(2, model, 0, perceptual=write_perceptual(tmp_path / str(n), "random", n)) for n in (0, 1)]
    networks[1].set_weights(networks[0].get_weights())  # all trained weights are equal
    outputs = [np.asarray(network([images(40, 33, 1), np.eye(2, dtype=np.float32)[:1]])) for network in networks]
    assert np.abs(outputs[0] - outputs[1]).mean() > 1
    assert len(networks[0].trainable_variables) == len(networks[0].variables)
