import numpy as np
import pytest
import torch

from atelier.pretrained.perceptual.architectures import ARCHITECTURES
from pipelines.families.arbitrary_style.encoder import COLORS
from pipelines.families.arbitrary_style.model import MAX_Z_SCORE, StyleNet
from pipelines.training.on_torch.exporting import parameter_count
from tests.helpers.perceptual_networks import images, write_perceptual


def as_tensor(batch: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(batch).permute(0, 3, 1, 2).contiguous()


def build(folder, name: str = "random", finest_skip: int = 2) -> StyleNet:
    """A network with random weights and fitted scales, in which the styles have a large effect."""
    network = StyleNet(write_perceptual(folder / name, name), width=2, blocks=1, finest_skip=finest_skip, embedding=4)
    torch.manual_seed(0)
    with torch.no_grad():
        for path, parameter in network.named_parameters():
            if path.endswith("modulation.weight"):
                parameter.normal_(std=0.5)
        network.fit_scales(network.statistics(network.encoder(as_tensor(images(32, 32, count=6, seed=3)))))
    return network


@pytest.fixture(scope="module")
def network(tmp_path_factory) -> StyleNet:
    return build(tmp_path_factory.mktemp("perceptual"))


def make_styles(network: StyleNet, seed: int, count: int = 2) -> torch.Tensor:
    return network.statistics(network.encoder(as_tensor(images(48, 40, count, seed))))


@pytest.mark.parametrize(
    ("name", "finest_skip"), [*((name, 2) for name in ARCHITECTURES), ("random", 1), ("random", 4)]
)
def test_images_have_the_size_of_the_photos_with_any_encoder(tmp_path, name, finest_skip) -> None:
    network = build(tmp_path, name, finest_skip)
    for size in [(32, 32), (33, 47), (46, 35)]:
        image = as_tensor(images(*size))
        with torch.no_grad():
            output, statistics = network(image, make_styles(network, 1), torch.ones(2))
        assert output.shape == image.shape
        assert statistics.shape == (2, 2 * network.channels)
        assert output.min() >= 0
        assert output.max() <= 255
        assert output.std() > 1


def test_a_skip_connection_at_full_resolution_has_more_parameters(tmp_path, network) -> None:
    assert parameter_count(build(tmp_path, finest_skip=1)) > parameter_count(network)
    assert [stage.skip is None for stage in network.stages] == [False, False, True]


@torch.no_grad()
def test_the_style_has_an_effect_only_with_a_strength_above_0(network) -> None:
    image = as_tensor(images(40, 33))
    outputs = {
        strength: [network(image, make_styles(network, seed), torch.full((2,), strength))[0] for seed in (1, 2)]
        for strength in (0.0, 0.5, 1.0)
    }
    torch.testing.assert_close(*outputs[0.0])
    assert (outputs[1.0][0] - outputs[1.0][1]).abs().mean() > 1
    assert (outputs[0.5][0] - outputs[0.5][1]).abs().mean() > 0


@torch.no_grad()
def test_statistics_are_those_of_the_image(network) -> None:
    image = as_tensor(images(40, 33))
    statistics = network(image, make_styles(network, 1), torch.ones(2))[1]
    torch.testing.assert_close(statistics, network.statistics(network.encoder(image)))
    channels = network.channels
    color_index = network.encoder.layers.index(COLORS)
    assert color_index == 0
    torch.testing.assert_close(statistics[:, :3], image.mean((2, 3)))
    torch.testing.assert_close(
        statistics[:, channels : channels + 3], image.std((2, 3), correction=0), rtol=1e-3, atol=1e-2
    )


@torch.no_grad()
def test_outputs_do_not_depend_on_the_batch(network) -> None:
    image, style, strength = (
        as_tensor(images(35, 40, count=3)),
        make_styles(network, 1, 3),
        torch.tensor([1.0, 0.5, 0.0]),
    )
    batch = network(image, style, strength)[0]
    single = torch.cat([network(image[i : i + 1], style[i : i + 1], strength[i : i + 1])[0] for i in range(3)])
    torch.testing.assert_close(batch, single, rtol=0, atol=0.01)


def test_every_weight_has_a_gradient(network) -> None:
    output, _ = network(as_tensor(images(33, 34)), make_styles(network, 1), torch.ones(2))
    output.square().mean().backward()
    # Biases before an instance norm have no effect.
    unused = [
        path
        for path, parameter in network.named_parameters()
        if not parameter.grad.any() and not path.endswith("convolution.bias")
    ]
    network.zero_grad()
    assert unused == []


def test_standardized_statistics_have_mean_0(network) -> None:
    styles = network.statistics(network.encoder(as_tensor(images(32, 32, count=6, seed=3))))
    z_scores = network._standardize(styles)
    torch.testing.assert_close(z_scores.mean(0), torch.zeros(2 * network.channels), rtol=0, atol=0.05)
    assert 0.2 < z_scores.std() < 1.1


@torch.no_grad()
def test_impossible_styles_give_finite_images(network) -> None:
    image = as_tensor(images(32, 32))
    for value in (-1e4, 0.0, 1e4):
        style = torch.full((2, 2 * network.channels), value)
        assert network._standardize(style).abs().max() <= MAX_Z_SCORE
        assert torch.isfinite(network(image, style, torch.ones(2))[0]).all()


@torch.no_grad()
def test_an_image_of_one_color_gives_a_finite_image(network) -> None:
    image = torch.full((2, 3, 32, 32), 255.0)
    assert torch.isfinite(network(image, make_styles(network, 1), torch.ones(2))[0]).all()


def test_scales_are_saved_but_not_the_encoder(network) -> None:
    state = network.state_dict()
    assert {"feature_scale", "style_mean", "style_deviation"} <= state.keys()
    assert not [name for name in state if name.startswith("encoder")]
