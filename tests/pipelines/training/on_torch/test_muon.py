import copy
import math

import pytest
import torch
from torch import Tensor, nn

from pipelines.training.on_torch.muon import ADAM_SHARE, RMS, Muon, orthogonal

RATE = 0.1


@pytest.fixture
def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.Tanh(), nn.Conv2d(8, 8, 3), nn.Tanh(), nn.Conv2d(8, 3, 3))


def optimiser(network: nn.Sequential) -> Muon:
    return Muon(network, network[-1], RATE)


def learn(network: nn.Sequential, optimizer: Muon, steps: int) -> list[float]:
    """Blur pictures; the losses before each step."""
    chance, losses = torch.Generator().manual_seed(0), []
    for _ in range(steps):
        image = torch.rand(4, 3, 12, 12, generator=chance)
        loss: Tensor = (network(image) - nn.functional.avg_pool2d(image, 7, 1)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("shape", [(5, 40), (40, 5), (16, 16)])
def test_all_singular_values_come_near_to_one(shape) -> None:
    torch.manual_seed(0)
    values = torch.linalg.svdvals(orthogonal(1000 * torch.randn(shape)))
    assert values.min() > 0.6
    assert values.max() < 1.3


def test_kernels_step_by_muon_and_everything_else_by_adam(network) -> None:
    before = copy.deepcopy(network)
    learn(network, optimiser(network), 1)
    steps = {
        name: (new - old).detach()
        for (name, new), old in zip(network.named_parameters(), before.parameters(), strict=True)
    }
    for kernel in ("0.weight", "2.weight"):
        assert torch.linalg.svdvals(steps[kernel].flatten(1)).min() > 0
        assert steps[kernel].square().mean().sqrt() == pytest.approx(RATE * RMS, rel=0.4)
    for other in ("0.bias", "2.bias", "4.weight", "4.bias"):  # Adam's first step has the same size everywhere
        torch.testing.assert_close(
            steps[other].abs(), torch.full_like(steps[other], ADAM_SHARE * RATE), rtol=0.01, atol=1e-6
        )


def test_it_learns(network) -> None:
    losses = learn(network, optimiser(network), 60)
    assert losses[-1] < losses[0] / 5


def test_going_on_from_its_state_repeats_the_unbroken_run(network) -> None:
    optimizer = optimiser(network)
    learn(network, optimizer, 3)
    again = copy.deepcopy(network)
    other = optimiser(again)
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    assert learn(network, optimizer, 3) == learn(again, other, 3)
    for one, two in zip(network.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, two)


def test_what_has_no_gradient_stays(network) -> None:
    network[0].requires_grad_(False)
    before = network[0].weight.clone()
    losses = learn(network, optimiser(network), 2)
    assert torch.equal(network[0].weight, before)
    assert all(math.isfinite(loss) for loss in losses)
