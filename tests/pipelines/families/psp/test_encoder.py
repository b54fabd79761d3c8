import pytest
import torch

from pipelines.families.psp.encoder import Encoder, offset_penalty
from tests.pipelines.families.psp.test_generator import model


@pytest.mark.parametrize("size", [64, 128])
def test_a_new_encoder_gives_the_mean_latent_for_every_face(size) -> None:
    encoder = Encoder(model(size))
    encoder.mean_latent.copy_(torch.arange(6.0))
    latents = encoder(torch.randn(2, 3, size, size))
    assert torch.equal(latents, torch.arange(6.0).expand(2, model(size).layers, 6))


def test_each_latent_depends_on_the_face() -> None:
    torch.manual_seed(0)
    encoder = Encoder(model(64))
    for head in encoder.heads:
        torch.nn.init.normal_(head.output.weight)
    one, other = encoder(torch.randn(2, 3, 64, 64))
    assert ((one - other).abs().amax(1) > 1e-4).all()


def test_the_offset_penalty_is_zero_for_equal_vectors() -> None:
    vector = torch.randn(2, 1, 6)
    assert offset_penalty(vector.expand(-1, 10, -1)) == 0
    assert offset_penalty(torch.cat([vector, vector + 2], dim=1)).item() == pytest.approx(4, rel=1e-4)
