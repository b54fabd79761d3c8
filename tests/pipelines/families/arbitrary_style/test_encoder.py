import numpy as np
import pytest
import torch

from atelier.pretrained.perceptual.architectures import ARCHITECTURES, RANDOM, SQUEEZENET, VGG16
from pipelines.families.arbitrary_style.encoder import COLORS, Encoder, levels
from tests.helpers.perceptual_networks import SIZES, images, write_perceptual


def as_tensor(batch: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(batch).permute(0, 3, 1, 2)


def test_layers_of_one_resolution_are_one_level() -> None:
    assert levels(SQUEEZENET) == [
        (1, (COLORS,), 3),
        (2, ("features.0",), 96),
        (4, ("features.4",), 128),
        (8, ("features.7", "features.9"), 640),
    ]
    assert [(level.stride, level.channels) for level in levels(VGG16)] == [(1, 67), (2, 128), (4, 256), (8, 512)]
    assert [(level.stride, level.channels) for level in levels(RANDOM)] == [(1, 35), (2, 64), (4, 96), (8, 96)]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_layers_of_a_level_have_one_size(tmp_path, name) -> None:
    encoder = Encoder(write_perceptual(tmp_path / name, name))
    for height, width in SIZES:
        features = encoder(as_tensor(images(height, width)))
        assert tuple(features) == encoder.layers or set(features) == set(encoder.layers)
        for level in encoder.levels:
            (size,) = {tuple(features[layer].shape[2:]) for layer in level.layers}
            assert sum(features[layer].shape[1] for layer in level.layers) == level.channels
            for feature_side, side in zip(size, (height, width), strict=True):
                assert abs(feature_side - side / level.stride) <= 1


def test_the_colors_are_the_image(tmp_path) -> None:
    image = as_tensor(images(40, 33))
    assert torch.equal(Encoder(write_perceptual(tmp_path / "random", "random"))(image)[COLORS], image)


@pytest.mark.parametrize("name", ["squeezenet", "random"])
def test_the_first_layer_depends_on_the_corners(tmp_path, name) -> None:
    encoder = Encoder(write_perceptual(tmp_path / name, name))
    image = as_tensor(images(32, 32, count=1))
    changed = image.clone()
    changed[..., 0, 0] += 100
    changed[..., -1, -1] += 100
    layer = encoder.levels[1].layers[0] if name == "squeezenet" else "conv1"
    difference = (encoder(changed)[layer] - encoder(image)[layer]).abs().sum((0, 1))
    assert difference[0, 0] > 0
    assert difference[-1, -1] > 0


def test_weights_are_neither_trained_nor_saved(tmp_path) -> None:
    encoder = Encoder(write_perceptual(tmp_path / "random", "random"))
    assert not list(encoder.parameters())
    assert not encoder.state_dict()
