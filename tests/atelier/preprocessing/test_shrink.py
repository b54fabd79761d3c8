import numpy as np
import pytest
from PIL import Image

from atelier.preprocessing.images import to_rgb
from atelier.preprocessing.shrink import shrink

MODES = ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I;16", "I", "F"]


def halves(mode: str) -> Image.Image:
    """Light on the left and dark on the right, 900 x 600 pixels."""
    levels = np.full((600, 900), 220, np.uint8)
    levels[:, 450:] = 30
    if mode == "I;16":
        return Image.fromarray(levels.astype(np.uint16) * 257)
    gray = Image.fromarray(levels)
    return gray.convert("RGB").convert(mode) if mode in ("CMYK", "YCbCr", "HSV", "P", "RGBA") else gray.convert(mode)


@pytest.mark.parametrize("mode", MODES)
def test_a_large_image_of_every_mode_is_reduced_by_a_whole_factor(mode: str) -> None:
    small = shrink(halves(mode), 250)
    assert small.size == (300, 200)
    gray = np.asarray(to_rgb(small).convert("L")).astype(float)
    np.testing.assert_allclose([gray[:, :140].mean(), gray[:, 160:].mean()], [220, 30], atol=5)


@pytest.mark.parametrize("mode", MODES)
def test_a_small_image_stays_as_it_is(mode: str) -> None:
    image = halves(mode)
    assert shrink(image, 451) is image


def test_colours_of_transparent_parts_do_not_show() -> None:
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[:, :33] = (200, 100, 50, 255)  # the edge is within a block of 4 x 4
    small = np.asarray(shrink(Image.fromarray(pixels), 16))
    np.testing.assert_array_equal(small[:, 7, :3], [[200, 100, 50]] * 16)
    np.testing.assert_allclose(small[:, 8, 3], 64, atol=1)
    np.testing.assert_allclose(small[:, 8, :3], [[200, 100, 50]] * 16, atol=3)


def test_bands_of_deep_images_have_one_scale() -> None:
    levels = np.full((2000, 400), 200, np.uint16)  # alone, these would be taken for 8 bits
    levels[1900:] = 60_000
    small = np.asarray(shrink(Image.fromarray(levels), 500))
    assert small.shape == (500, 100)
    assert small[10, 10] == 1
    assert small[-5, 10] == 233
