import pytest
import torch

from pipelines.families.psp.edits import EditBounds, edit_losses, edited, random_edits
from pipelines.families.psp.losses import cycle_loss, gradient_penalty, regression_loss
from pipelines.families.psp.perception import Perception, identity_distance, perceptual_distance

BOUNDS = EditBounds(torch.tensor([-2.0, -2]), torch.tensor([2.0, 2]))


def losses(before: list[float], after: list[float], edits: list[float]) -> dict[str, float]:
    tensors = (torch.tensor([row]) for row in (before, after, edits))
    return {name: float(loss) for name, loss in edit_losses(*tensors, BOUNDS).items()}


def test_an_edit_that_does_what_was_asked_costs_nothing() -> None:
    assert losses([0, 1], [1.5, 1], [1.5, 0]) == {"moved": 0, "kept": 0}


def test_too_little_change_and_change_of_others_are_told_apart() -> None:
    assert losses([0, 1], [0.5, 1], [1.5, 0]) == {"moved": 1, "kept": 0}
    assert losses([0, 1], [1.5, 3], [1.5, 0]) == {"moved": 0, "kept": 4}


def test_edits_end_half_a_deviation_beyond_the_usual_values() -> None:
    assert losses([1.5, 0], [2.5, 0], [2, 0])["moved"] == 0
    assert losses([3, 0], [3, 0], [1, 0])["moved"] == 0, "it must not turn around either"


def test_random_edits_change_one_attribute_of_each_face() -> None:
    edits = random_edits(200, 3, 2.5, torch.Generator().manual_seed(0))
    assert ((edits != 0).sum(1) == 1).all()
    assert 2 < edits.abs().max() <= 2.5
    assert (edits != 0).any(0).all()


def test_edits_go_along_their_directions() -> None:
    latents, directions = torch.zeros(2, 3, 4), torch.randn(2, 3, 4)
    moved = edited(latents, directions, torch.tensor([[2.0, 0], [0, -1]]))
    torch.testing.assert_close(moved, torch.stack([2 * directions[0], -directions[1]]))


def test_missing_labels_have_no_part_in_the_regression() -> None:
    predicted = torch.zeros(2, 2, requires_grad=True)
    loss = regression_loss(predicted, torch.tensor([[2.0, torch.nan], [torch.nan, torch.nan]]))
    loss.backward()
    assert loss.item() == 4
    assert predicted.grad is not None
    assert predicted.grad.tolist() == [[-4, 0], [0, 0]]


def test_the_penalty_is_the_squared_gradient() -> None:
    real = torch.randn(5, 3, 2, 2)
    assert gradient_penalty(lambda images: (2 * images).sum((1, 2, 3)), real).item() == pytest.approx(4 * 12)


def test_the_cycle_loss_does_not_reward_small_latents() -> None:
    latents = torch.randn(8, 10, 4)
    one, other = (cycle_loss(scale * (latents + 0.1), scale * latents) for scale in (1.0, 0.01))
    assert one.item() == pytest.approx(other.item(), rel=1e-3)


def test_perceived_differences_grow_with_the_change(inputs) -> None:
    torch.manual_seed(0)
    images = torch.rand(6, 3, 64, 64) * 2 - 1
    perception = Perception(inputs.perceptual, images)
    noise, target = torch.randn_like(images), perception(images)
    assert not [*perception.parameters()]
    for distance in (perceptual_distance, identity_distance):
        same, near, far = (float(distance(perception(images + amount * noise), target)) for amount in (0.0, 0.1, 0.5))
        assert same == pytest.approx(0, abs=1e-4)
        assert same < near < far
