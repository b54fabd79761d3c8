import numpy as np
import torch

from pipelines.families.quickdraw_classifier.augmentation import Augmentation, mixup

IDENTITY = Augmentation(flip=0, rotation=0, scale=0, shear=0, shift=0, elastic=0)


def images(n: int = 4) -> torch.Tensor:
    return torch.rand(n, 1, 28, 28, generator=torch.Generator().manual_seed(0))


def make_rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_zero_ranges_do_not_change_images() -> None:
    torch.testing.assert_close(IDENTITY(images(), make_rng()), images(), atol=1e-5, rtol=0)


def test_flip_with_probability_1_mirrors_left_and_right() -> None:
    mirrored = Augmentation(flip=1, rotation=0, scale=0, shear=0, shift=0, elastic=0)(images(), make_rng())
    torch.testing.assert_close(mirrored, images().flip(3), atol=1e-5, rtol=0)


def test_rotation_is_around_the_center() -> None:
    rotate = Augmentation(flip=0, rotation=90, scale=0, shear=0, shift=0, elastic=0)
    disc = torch.zeros(64, 1, 28, 28)
    row, column = torch.meshgrid(torch.arange(28) - 13.5, torch.arange(28) - 13.5, indexing="ij")
    disc[:, :, row**2 + column**2 < 100] = 1.0
    assert (rotate(disc, make_rng()) - disc).abs().mean() < 0.05


def test_shifts_are_bounded() -> None:
    matrices = Augmentation(flip=0, rotation=0, scale=0, shear=0, shift=0.25, elastic=0).affine_matrices(
        1000, make_rng()
    )
    assert matrices[:, :, 2].abs().max() <= 0.25
    assert matrices[:, :, 2].abs().max() > 0.2


def test_images_of_a_batch_are_augmented_differently() -> None:
    equal = images(1).expand(2, -1, -1, -1)
    changed = Augmentation(flip=0.5, rotation=20, scale=0.2, shear=0.1, shift=0.1, elastic=0.1)(equal, make_rng())
    assert (changed[0] - changed[1]).abs().max() > 0.1


def test_augmentation_depends_on_the_generator_only() -> None:
    augment = Augmentation(flip=0.5, rotation=20, scale=0.2, shear=0.1, shift=0.1, elastic=0.1)
    assert torch.equal(augment(images(), make_rng(3)), augment(images(), make_rng(3)))
    assert not torch.equal(augment(images(), make_rng(3)), augment(images(), make_rng(4)))


def test_elastic_shifts_are_bounded() -> None:
    augment = Augmentation(flip=0, rotation=0, scale=0, shear=0, shift=0, elastic=0.05)
    bent = augment(images(), make_rng())
    assert not torch.equal(bent, images())
    assert augment.elastic_shifts(100, make_rng()).abs().max() <= 0.05


def test_mixup_blends_images_and_targets_with_one_weight() -> None:
    targets = torch.eye(4)
    stripes = targets[:, None, :, None].expand(-1, 1, -1, 4)
    blended, mixed = mixup(stripes, targets, 0.4, make_rng())
    torch.testing.assert_close(mixed.sum(1), torch.ones(4))
    torch.testing.assert_close(blended[:, 0, :, 0], mixed)
    assert (mixed.diagonal() >= 0.5).all()


def test_mixup_with_alpha_0_does_not_change_the_batch() -> None:
    batch, targets = images(), torch.eye(4)
    blended, mixed = mixup(batch, targets, 0, make_rng())
    assert blended is batch
    assert mixed is targets
