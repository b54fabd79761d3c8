import pytest
import torch
from torch.nn import functional

from pipelines.families.psp.generator import Mapping, ModulatedConv, Synthesis
from pipelines.families.psp.settings import ModelSettings

MODEL = {"noise": 4, "width": 6, "mapping_layers": 2, "channel_base": 128, "max_channels": 8, "pyramid": 4}


def model(size: int) -> ModelSettings:
    return ModelSettings(size=size, **MODEL)


@pytest.mark.parametrize(("size", "layers"), [(64, 10), (128, 12), (256, 14)])
def test_an_image_has_its_size_and_two_latents_for_each_resolution(size, layers) -> None:
    assert model(size).layers == layers
    assert Synthesis(model(size))(torch.randn(2, layers, 6)).shape == (2, 3, size, size)


def test_every_latent_changes_the_image() -> None:
    torch.manual_seed(0)
    network, latents = Synthesis(model(64)), torch.randn(1, 10, 6)
    image = network(latents)
    for layer in range(10):
        other = latents.clone()
        other[:, layer] += 1
        assert not torch.equal(network(other), image), layer


def test_scaled_activations_are_scaled_weights() -> None:
    """Equation 1 and 3 of the paper, with a convolution for each image."""
    torch.manual_seed(0)
    layer, x, latent = ModulatedConv(5, 7, 3, 6), torch.randn(3, 5, 8, 8), torch.randn(3, 6)
    y, demodulation = layer(x, latent)
    for item in range(3):
        style = layer.style(latent[item : item + 1])[0]
        weight = layer.weight / (5 * 9) ** 0.5 * style[None, :, None, None]
        weight = weight / weight.square().sum((1, 2, 3), keepdim=True).sqrt()
        expected = functional.conv2d(x[item : item + 1], weight, padding=1)[0]
        torch.testing.assert_close(y[item] * demodulation[item, :, None, None], expected, atol=1e-4, rtol=1e-4)


def test_images_without_noise_depend_on_the_latents_only() -> None:
    torch.manual_seed(0)
    network, latents = Synthesis(model(64)), torch.randn(2, 10, 6)
    for layer in (network.first, *network.up, *network.same):
        torch.nn.init.ones_(layer.noise_strength)
    assert torch.equal(network(latents), network(latents))
    one, other = (network(latents, torch.Generator().manual_seed(seed)) for seed in (1, 2))
    assert not torch.equal(one, other)


def test_the_mapping_ignores_the_length_of_its_input() -> None:
    torch.manual_seed(0)
    mapping, noise = Mapping(4, 6, 2), torch.randn(3, 4)
    torch.testing.assert_close(mapping(noise), mapping(5 * noise), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("size", [32, 96])
def test_sizes_are_powers_of_two_from_64(size) -> None:
    with pytest.raises(ValueError, match=r"power of two|greater than or equal to 64"):
        model(size)
