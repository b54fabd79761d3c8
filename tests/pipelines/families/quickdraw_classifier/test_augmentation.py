import numpy as np
import torch

from pipelines.families.quickdraw_classifier.augmentation import Augmentation, mixup

NOTHING = Augmentation(flip=0, rotation=0, scale=0, shear=0, shift=0, elastic=0)


def pictures(n: int = 4) -> torch.Tensor:
    return torch.rand(n, 1, 28, 28, generator=torch.Generator().manual_seed(0))


def chance(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_no_change_is_no_change() -> None:
    torch.testing.assert_close(NOTHING(pictures(), chance()), pictures(), atol=1e-5, rtol=0)


def test_a_certain_flip_mirrors_left_and_right() -> None:
    mirrored = Augmentation(flip=1, rotation=0, scale=0, shear=0, shift=0, elastic=0)(pictures(), chance())
    torch.testing.assert_close(mirrored, pictures().flip(3), atol=1e-5, rtol=0)


def test_a_quarter_turn_turns_about_the_middle() -> None:
    turn = Augmentation(flip=0, rotation=90, scale=0, shear=0, shift=0, elastic=0)
    disc = torch.zeros(64, 1, 28, 28)
    row, column = torch.meshgrid(torch.arange(28) - 13.5, torch.arange(28) - 13.5, indexing="ij")
    disc[:, :, row**2 + column**2 < 100] = 1.0
    assert (turn(disc, chance()) - disc).abs().mean() < 0.05


def test_shifts_stay_within_their_bound() -> None:
    maps = Augmentation(flip=0, rotation=0, scale=0, shear=0, shift=0.25, elastic=0).transforms(1000, chance())
    assert maps[:, :, 2].abs().max() <= 0.25
    assert maps[:, :, 2].abs().max() > 0.2


def test_each_picture_of_a_batch_changes_by_itself() -> None:
    same = pictures(1).expand(2, -1, -1, -1)
    changed = Augmentation(flip=0.5, rotation=20, scale=0.2, shear=0.1, shift=0.1, elastic=0.1)(same, chance())
    assert (changed[0] - changed[1]).abs().max() > 0.1


def test_the_same_chance_makes_the_same_change() -> None:
    augment = Augmentation(flip=0.5, rotation=20, scale=0.2, shear=0.1, shift=0.1, elastic=0.1)
    assert torch.equal(augment(pictures(), chance(3)), augment(pictures(), chance(3)))
    assert not torch.equal(augment(pictures(), chance(3)), augment(pictures(), chance(4)))


def test_elastic_bends_without_moving_far() -> None:
    augment = Augmentation(flip=0, rotation=0, scale=0, shear=0, shift=0, elastic=0.05)
    bent = augment(pictures(), chance())
    assert not torch.equal(bent, pictures())
    assert augment.bend(100, chance()).abs().max() <= 0.05


def test_mixup_blends_pictures_and_targets_by_one_weight() -> None:
    targets = torch.eye(4)
    images = targets[:, None, :, None].expand(-1, 1, -1, 4)
    blended, mixed = mixup(images, targets, 0.4, chance())
    torch.testing.assert_close(mixed.sum(1), torch.ones(4))
    torch.testing.assert_close(blended[:, 0, :, 0], mixed)
    assert (mixed.diagonal() >= 0.5).all()


def test_mixup_of_zero_leaves_the_batch_alone() -> None:
    images, targets = pictures(), torch.eye(4)
    blended, mixed = mixup(images, targets, 0, chance())
    assert blended is images
    assert mixed is targets
