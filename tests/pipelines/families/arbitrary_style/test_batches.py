from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from atelier.errors import BadInputError
from pipelines.families.arbitrary_style.batches import FixedPairs, Images, RandomPairs, resized, swapped_colors
from pipelines.families.arbitrary_style.settings import AugmentationSettings

WHOLE = AugmentationSettings(min_crop=1.0, flip=0.0, swap_colors=0.0)


@pytest.fixture(scope="module")
def photos(inputs) -> Images:
    return Images("train", inputs.coco, inputs.landscapes)


@pytest.fixture(scope="module")
def paintings(inputs) -> Images:
    return Images("train", inputs.van_gogh)


def pairs(photos, paintings, settings, epoch=0, batches=3):
    return list(RandomPairs(photos, paintings, settings.training, epoch, batches))


def test_images_of_several_sets_are_one_row(inputs, photos) -> None:
    both = [image for name in ("coco", "landscapes") for image in getattr(inputs, name).split("train")["image"][:]]
    assert len(photos) == len(both) == 20
    assert all(np.array_equal(photos[index], image) for index, image in enumerate(both))


def test_some_images_are_evenly_spaced_and_none_comes_twice(photos) -> None:
    assert [image.tolist() for image in photos.some(3)] == [photos[index].tolist() for index in (0, 10, 19)]
    assert len(photos.some(99)) == 20


def test_a_split_without_images_is_said() -> None:
    empty = SimpleNamespace(folder=Path("coco"), split=lambda _: {"image": np.empty((0, 8, 8, 3), np.uint8)})
    with pytest.raises(BadInputError, match="val split of coco has no images"):
        Images("val", empty)


def test_chance_is_drawn_from_seed_epoch_and_batch(photos, paintings, make_settings) -> None:
    first, again = (pairs(photos, paintings, make_settings()) for _ in range(2))
    longer = pairs(photos, paintings, make_settings(), batches=5)
    for one, *others in zip(first, again, longer, strict=False):
        assert all(torch.equal(one[0], other[0]) and torch.equal(one[1], other[1]) for other in others)
    other_epoch = pairs(photos, paintings, make_settings(), epoch=1)
    other_seed = pairs(photos, paintings, make_settings(seed=1))
    for others in (first[1:], other_epoch, other_seed):
        assert not torch.equal(first[0][0], others[0][0])


def test_batches_are_rgb_squares_of_both(photos, paintings, make_settings) -> None:
    for batch in pairs(photos, paintings, make_settings()):
        for images in batch:
            assert images.shape == (2, 3, 32, 32)
            assert images.dtype == torch.float32
            assert images.min() >= 0
            assert images.std() > 10
            assert images.max() <= 255


def test_validation_takes_whole_images_in_always_the_same_pairs(inputs, make_settings) -> None:
    photos, paintings = Images("val", inputs.coco), Images("val", inputs.van_gogh)
    fixed = FixedPairs(photos, paintings, make_settings(val_items=5).training)
    batches = list(fixed)
    assert [len(batch[0]) for batch in batches] == [2, 2, 1]
    assert len(fixed) == 3
    assert torch.equal(batches[0][0][:1], resized(photos[0], 32))
    assert torch.equal(batches[1][1][1:], resized(paintings[3], 32))
    assert torch.equal(batches[2][0], batches[0][0][:1])


def test_swapped_colors_are_the_same_channels_in_some_order() -> None:
    images = torch.arange(3.0)[None, :, None, None].expand(40, 3, 2, 2)
    swapped = swapped_colors(images, 1.0, np.random.default_rng(0))
    orders = {tuple(image[:, 0, 0].tolist()) for image in swapped}
    assert len(orders) == 6
    assert all(sorted(order) == [0, 1, 2] for order in orders)
    assert torch.equal(swapped_colors(images, 0.0, np.random.default_rng(0)), images)


def test_a_resized_image_keeps_its_colours() -> None:
    image = np.zeros((64, 64, 3), np.uint8)
    image[..., 1] = 200
    small = resized(image, 16)
    assert small.shape == (1, 3, 16, 16)
    assert torch.allclose(small[0, 1], torch.tensor(200.0))
    assert small[0, 0].abs().max() == 0
