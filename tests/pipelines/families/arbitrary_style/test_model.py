import numpy as np
import pytest
import torch

from atelier.pretrained.perceptual.architectures import ARCHITECTURES
from pipelines.families.arbitrary_style.encoder import COLORS
from pipelines.families.arbitrary_style.model import FARTHEST, StyleNet
from pipelines.training.on_torch.exporting import parameter_count
from tests.helpers.perceptual_networks import images, write_perceptual


def as_tensor(batch: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(batch).permute(0, 3, 1, 2).contiguous()


def build(folder, name: str = "random", finest_skip: int = 2) -> StyleNet:
    """A network with random weights, those of the styles too, and scales from some images."""
    network = StyleNet(write_perceptual(folder / name, name), width=2, blocks=1, finest_skip=finest_skip, embedding=4)
    torch.manual_seed(0)
    with torch.no_grad():
        for path, parameter in network.named_parameters():
            if path.endswith("style.weight"):
                parameter.normal_(std=0.5)
        network.learn_scales(network.statistics(network.encoder(as_tensor(images(32, 32, count=6, seed=3)))))
    return network


@pytest.fixture(scope="module")
def network(tmp_path_factory) -> StyleNet:
    return build(tmp_path_factory.mktemp("perceptual"))


def style_of(network: StyleNet, seed: int, count: int = 2) -> torch.Tensor:
    return network.statistics(network.encoder(as_tensor(images(48, 40, count, seed))))


@pytest.mark.parametrize(
    ("name", "finest_skip"), [*((name, 2) for name in ARCHITECTURES), ("random", 1), ("random", 4)]
)
def test_pictures_are_as_large_as_the_images_whatever_the_encoder(tmp_path, name, finest_skip) -> None:
    network = build(tmp_path, name, finest_skip)
    for size in [(32, 32), (33, 47), (46, 35)]:
        image = as_tensor(images(*size))
        with torch.no_grad():
            picture, own = network(image, style_of(network, 1), torch.ones(2))
        assert picture.shape == image.shape
        assert own.shape == (2, 2 * network.channels)
        assert picture.min() >= 0
        assert picture.max() <= 255
        assert picture.std() > 1


def test_a_network_that_sees_every_pixel_has_one_more_way_in(tmp_path, network) -> None:
    assert parameter_count(build(tmp_path, finest_skip=1)) > parameter_count(network)
    assert [stage.enter is None for stage in network.stages] == [False, False, True]


@torch.no_grad()
def test_without_strength_the_style_has_no_say_and_with_it_it_has(network) -> None:
    image = as_tensor(images(40, 33))
    pictures = {
        strength: [network(image, style_of(network, seed), torch.full((2,), strength))[0] for seed in (1, 2)]
        for strength in (0.0, 0.5, 1.0)
    }
    torch.testing.assert_close(*pictures[0.0])
    assert (pictures[1.0][0] - pictures[1.0][1]).abs().mean() > 1
    assert (pictures[0.5][0] - pictures[0.5][1]).abs().mean() > 0


@torch.no_grad()
def test_statistics_are_those_of_the_image_and_not_of_the_style(network) -> None:
    image = as_tensor(images(40, 33))
    own = network(image, style_of(network, 1), torch.ones(2))[1]
    torch.testing.assert_close(own, network.statistics(network.encoder(image)))
    channels = network.channels
    colours = network.encoder.names.index(COLORS)
    assert colours == 0
    torch.testing.assert_close(own[:, :3], image.mean((2, 3)))
    torch.testing.assert_close(own[:, channels : channels + 3], image.std((2, 3), correction=0), rtol=1e-3, atol=1e-2)


@torch.no_grad()
def test_an_item_is_painted_alike_alone_and_in_company(network) -> None:
    image, style, strength = as_tensor(images(35, 40, count=3)), style_of(network, 1, 3), torch.tensor([1.0, 0.5, 0.0])
    together = network(image, style, strength)[0]
    alone = torch.cat([network(image[i : i + 1], style[i : i + 1], strength[i : i + 1])[0] for i in range(3)])
    torch.testing.assert_close(together, alone, rtol=0, atol=0.01)


def test_every_weight_has_a_say(network) -> None:
    picture, _ = network(as_tensor(images(33, 34)), style_of(network, 1), torch.ones(2))
    picture.square().mean().backward()
    # Before an instance norm a bias is subtracted again.
    idle = [
        path
        for path, parameter in network.named_parameters()
        if not parameter.grad.any() and not path.endswith("convolution.bias")
    ]
    network.zero_grad()
    assert idle == []


def test_scales_put_the_styles_they_were_learned_from_about_0(network) -> None:
    styles = network.statistics(network.encoder(as_tensor(images(32, 32, count=6, seed=3))))
    described = network._described(styles)
    torch.testing.assert_close(described.mean(0), torch.zeros(2 * network.channels), rtol=0, atol=0.05)
    assert 0.2 < described.std() < 1.1


@torch.no_grad()
def test_styles_that_no_painting_has_are_met_with_numbers(network) -> None:
    image = as_tensor(images(32, 32))
    for value in (-1e4, 0.0, 1e4):
        style = torch.full((2, 2 * network.channels), value)
        assert network._described(style).abs().max() <= FARTHEST
        assert torch.isfinite(network(image, style, torch.ones(2))[0]).all()


@torch.no_grad()
def test_an_image_of_one_colour_is_painted_with_numbers(network) -> None:
    image = torch.full((2, 3, 32, 32), 255.0)
    assert torch.isfinite(network(image, style_of(network, 1), torch.ones(2))[0]).all()


def test_scales_are_saved_and_the_encoder_is_not(network) -> None:
    state = network.state_dict()
    assert {"scale", "centre", "deviation"} <= state.keys()
    assert not [name for name in state if name.startswith("encoder")]
