from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from atelier.errors import BadInputError
from pipelines.families.arbitrary_style.batches import FixedPairs, Images, RandomPairs, resized, swap_colors
from pipelines.families.arbitrary_style.settings import AugmentationSettings

WHOLE = AugmentationSettings(min_crop=1.0, flip=0.0, swap_colors=0.0)


@pytest.fixture(scope="module")
def photos(inputs) -> Images:
    return Images("train", inputs.coco, inputs.landscapes)


@pytest.fixture(scope="module")
def paintings(inputs) -> Images:
    return Images("train", inputs.van_gogh)


def random_pairs(photos, paintings, settings, epoch=0, batches=3):
    return list(RandomPairs(photos, paintings, settings.training, epoch, batches))


def test_images_of_several_data_sets_are_one_sequence(inputs, photos) -> None:
    both = [image for name in ("coco", "landscapes") for image in getattr(inputs, name).split("train")["image"][:]]
    assert len(photos) == len(both) == 20
    assert all(np.array_equal(photos[index], image) for index, image in enumerate(both))


def test_selected_images_are_evenly_spaced_and_different(photos) -> None:
    assert [image.tolist() for image in photos.evenly_spaced(3)] == [photos[index].tolist() for index in (0, 10, 19)]
    assert len(photos.evenly_spaced(99)) == 20


def test_a_split_without_images_is_an_error() -> None:
    empty = SimpleNamespace(folder=Path("coco"), split=lambda _: {"image": np.empty((0, 8, 8, 3), np.uint8)})
    with pytest.raises(BadInputError, match="val split of coco has no images"):
        Images("val", empty)


def test_batches_depend_on_seed_epoch_and_number_only(photos, paintings, make_settings) -> None:
    first, again = (random_pairs(photos, paintings, make_settings()) for _ in range(2))
    longer = random_pairs(photos, paintings, make_settings(), batches=5)
    for one, *others in zip(first, again, longer, strict=False):
        assert all(torch.equal(one[0], other[0]) and torch.equal(one[1], other[1]) for other in others)
    other_epoch = random_pairs(photos, paintings, make_settings(), epoch=1)
    other_seed = random_pairs(photos, paintings, make_settings(seed=1))
    for others in (first[1:], other_epoch, other_seed):
        assert not torch.equal(first[0][0], others[0][0])


def test_batches_contain_square_rgb_images(photos, paintings, make_settings) -> None:
    for batch in random_pairs(photos, paintings, make_settings()):
        for images in batch:
            assert images.shape == (2, 3, 32, 32)
            assert images.dtype == torch.float32
            assert images.min() >= 0
            assert images.std() > 10
            assert images.max() <= 255


def test_validation_pairs_are_constant_and_not_cropped(inputs, make_settings) -> None:
    photos, paintings = Images("val", inputs.coco), Images("val", inputs.van_gogh)
    fixed = FixedPairs(photos, paintings, make_settings(val_items=5).training)
    batches = list(fixed)
    assert [len(batch[0]) for batch in batches] == [2, 2, 1]
    assert len(fixed) == 3
    assert torch.equal(batches[0][0][:1], resized(photos[0], 32))
    assert torch.equal(batches[1][1][1:], resized(paintings[3], 32))
    assert torch.equal(batches[2][0], batches[0][0][:1])


def test_swap_colors_permutes_the_channels() -> None:
    images = torch.arange(3.0)[None, :, None, None].expand(40, 3, 2, 2)
    swapped = swap_colors(images, 1.0, np.random.default_rng(0))
    orders = {tuple(image[:, 0, 0].tolist()) for image in swapped}
    assert len(orders) == 6
    assert all(sorted(order) == [0, 1, 2] for order in orders)
    assert torch.equal(swap_colors(images, 0.0, np.random.default_rng(0)), images)


def test_a_resized_image_has_the_same_colors() -> None:
    image = np.zeros((64, 64, 3), np.uint8)
    image[..., 1] = 200
    small = resized(image, 16)
    assert small.shape == (1, 3, 16, 16)
    assert torch.allclose(small[0, 1], torch.tensor(200.0))
    assert small[0, 0].abs().max() == 0
