import copy
import math

import pytest
import torch
from torch import Tensor, nn

from pipelines.training.on_torch.muon import ADAM_SHARE, RMS, Muon, orthogonalize

RATE = 0.1


@pytest.fixture
def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.Tanh(), nn.Conv2d(8, 8, 3), nn.Tanh(), nn.Conv2d(8, 3, 3))


def make_optimizer(network: nn.Sequential) -> Muon:
    return Muon(network, network[-1], RATE)


def learn(network: nn.Sequential, optimizer: Muon, steps: int) -> list[float]:
    """Train the network to blur images. Returns the loss before each step."""
    generator, losses = torch.Generator().manual_seed(0), []
    for _ in range(steps):
        image = torch.rand(4, 3, 12, 12, generator=generator)
        loss: Tensor = (network(image) - nn.functional.avg_pool2d(image, 7, 1)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("shape", [(5, 40), (40, 5), (16, 16)])
def test_all_singular_values_become_about_1(shape) -> None:
    torch.manual_seed(0)
    values = torch.linalg.svdvals(orthogonalize(1000 * torch.randn(shape)))
    assert values.min() > 0.6
    assert values.max() < 1.3


def test_kernels_are_updated_by_muon_and_other_weights_by_adam(network) -> None:
    before = copy.deepcopy(network)
    learn(network, make_optimizer(network), 1)
    steps = {
        name: (new - old).detach()
        for (name, new), old in zip(network.named_parameters(), before.parameters(), strict=True)
    }
    for kernel in ("0.weight", "2.weight"):
        assert torch.linalg.svdvals(steps[kernel].flatten(1)).min() > 0
        assert steps[kernel].square().mean().sqrt() == pytest.approx(RATE * RMS, rel=0.4)
    for other in ("0.bias", "2.bias", "4.weight", "4.bias"):  # the first updates of Adam have equal sizes
        torch.testing.assert_close(
            steps[other].abs(), torch.full_like(steps[other], ADAM_SHARE * RATE), rtol=0.01, atol=1e-6
        )


def test_the_loss_decreases(network) -> None:
    losses = learn(network, make_optimizer(network), 60)
    assert losses[-1] < losses[0] / 5


def test_a_resumed_run_has_the_same_losses_as_an_uninterrupted_run(network) -> None:
    optimizer = make_optimizer(network)
    learn(network, optimizer, 3)
    copied = copy.deepcopy(network)
    restored = make_optimizer(copied)
    restored.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    assert learn(network, optimizer, 3) == learn(copied, restored, 3)
    for weight, copied_weight in zip(network.parameters(), copied.parameters(), strict=True):
        assert torch.equal(weight, copied_weight)


def test_weights_without_a_gradient_are_not_changed(network) -> None:
    network[0].requires_grad_(False)
    before = network[0].weight.clone()
    losses = learn(network, make_optimizer(network), 2)
    assert torch.equal(network[0].weight, before)
    assert all(math.isfinite(loss) for loss in losses)
