import numpy as np
from PIL import Image

from atelier.data.prepared.dataset import ShardedArray
from pipelines.families.fast_style.batches import draw_batch
from pipelines.training.style_transfer import CropSettings

SIZE = 40


def photos(height: int = SIZE, width: int = SIZE) -> ShardedArray:
    return ShardedArray([np.random.default_rng(0).integers(0, 256, (6, height, width, 3), np.uint8)])


def draw(seed: tuple[int, int], min_crop: float = 0.5, height: int = SIZE) -> tuple[np.ndarray, np.ndarray]:
    return draw_batch(photos(height), np.array([4, 1, 4]), 5, 32, CropSettings(min_crop=min_crop, flip=0.5), seed)


def test_batches_depend_on_seed_and_step_only() -> None:
    first, second = draw((0, 7)), draw((0, 7))
    assert (first[0] == second[0]).all()
    assert (first[1] == second[1]).all()
    for other in ((0, 8), (1, 7)):
        assert (draw(other)[0] != first[0]).any()


def test_shapes_and_ranges_are_those_of_the_network() -> None:
    image, style = draw((0, 0), height=52)
    assert image.shape == (3, 32, 32, 3)
    assert image.dtype == np.float32
    assert 10 < image.min() + 20 < image.max() <= 255
    assert style.shape == (3,)


def test_the_crops_of_a_photo_differ() -> None:
    image, _ = draw((0, 0))
    assert np.abs(image[0] - image[2]).mean() > 1


def test_every_style_is_used() -> None:
    styles = np.concatenate([draw((0, step))[1] for step in range(40)])
    assert set(styles.tolist()) == set(range(5))


def test_without_cropping_half_of_the_photos_are_mirrored_and_the_others_unchanged() -> None:
    photo = photos()[1]
    whole = np.asarray(Image.fromarray(photo).resize((32, 32), Image.Resampling.BILINEAR), np.float32)
    images = [draw((0, step), min_crop=1.0)[0][1] for step in range(40)]
    unchanged = [(image == whole).all() for image in images]
    assert all(same or np.abs(image[:, ::-1] - whole).max() <= 1 for same, image in zip(unchanged, images, strict=True))
    assert 8 < sum(unchanged) < 32
