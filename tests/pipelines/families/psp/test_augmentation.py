import pytest
import torch

from pipelines.families.psp.augmentation import augment
from pipelines.training.discriminator_augmentation import AugmentationSettings

NONE = {"color": 0.0, "translation": 0.0, "cutout": 0.0}


def changed(images: torch.Tensor, seed: int = 0, **changes: float) -> torch.Tensor:
    return augment(images, AugmentationSettings(**(NONE | changes)), torch.Generator().manual_seed(seed))


@pytest.fixture
def images() -> torch.Tensor:
    return torch.rand(4, 3, 16, 16, generator=torch.Generator().manual_seed(1)) + 0.1


def test_nothing_changes_without_augmentation(images) -> None:
    assert torch.equal(changed(images), images)


@pytest.mark.parametrize("name", ["color", "translation", "cutout"])
def test_the_seed_decides_what_changes_and_gradients_pass(images, name) -> None:
    images.requires_grad_()
    result = changed(images, **{name: 0.25})
    assert torch.equal(result, changed(images, **{name: 0.25}))
    assert not torch.equal(result, changed(images, seed=1, **{name: 0.25}))
    result.sum().backward()
    assert images.grad is not None
    assert images.grad.any()


def test_a_shift_moves_the_content_and_leaves_gray(images) -> None:
    shifts = {int((changed(images, seed, translation=0.25) == 0).all(1).sum()) for seed in range(10)}
    assert len(shifts) > 3
    assert max(shifts) <= 4 * (16 * 16 - 12 * 12)


def test_each_image_has_a_gray_square_of_its_own(images) -> None:
    gray = (changed(images, cutout=0.5) == 0).all(1)
    assert gray.flatten(1).any(1).all()
    assert not all(torch.equal(gray[0], other) for other in gray[1:])
