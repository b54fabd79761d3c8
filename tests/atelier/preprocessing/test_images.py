import numpy as np
import pytest
from PIL import Image

from atelier.preprocessing.images import (
    FORMATS,
    SUFFIXES,
    Rejected,
    blank_fraction,
    center_crop,
    decode,
    decode_reduced,
    pad_to_square,
)
from tests.helpers.image_files import HEIC, broken_files, encode, jpeg_with_scans, random_image

CONTENT_ONLY = ("too small", "nearly empty")
BROKEN = [(name, *case) for name, case in broken_files().items() if case[1] not in CONTENT_ONLY]


def _four_colours() -> Image.Image:
    """Red, green over blue, white: 48 pixels wide, 32 high."""
    image = Image.new("RGB", (48, 32), "red")
    image.paste("green", (24, 0, 48, 16))
    image.paste("blue", (0, 16, 24, 32))
    image.paste("white", (24, 16, 48, 32))
    return image


def _corners(pixels: np.ndarray) -> np.ndarray:
    return pixels[[4, 4, -5, -5], [4, -5, 4, -5]].astype(int)


EXPECTED = _corners(np.asarray(_four_colours()))


@pytest.mark.parametrize(("name", "content", "reason"), BROKEN, ids=[case[0] for case in BROKEN])
def test_a_broken_file_is_rejected_with_its_reason(name: str, content: bytes, reason: str) -> None:
    with pytest.raises(Rejected) as rejected:
        decode(content)
    assert rejected.value.reason == reason


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_rotated_photo_becomes_upright(kind: str, orientation: int) -> None:
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Pillow's transposition that undoes each
    stored = _four_colours().transpose(back[orientation]) if orientation > 1 else _four_colours()
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = decode(encode(stored, kind, exif=exif, **({"lossless": True} if kind == "WEBP" else {})))
    assert pixels.shape == (32, 48, 3)
    np.testing.assert_allclose(_corners(pixels), EXPECTED, atol=12)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_keeps_its_colours(kind: str) -> None:
    np.testing.assert_allclose(_corners(decode(encode(_four_colours().convert("CMYK"), kind))), EXPECTED, atol=12)


def test_a_palette_keeps_its_colours() -> None:
    np.testing.assert_allclose(_corners(decode(encode(_four_colours().quantize(8), "GIF"))), EXPECTED, atol=12)


def test_sixteen_bits_become_eight() -> None:
    levels = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    pixels = decode(encode(Image.fromarray(levels), "PNG"))
    assert pixels.shape == (64, 64, 3)
    np.testing.assert_allclose(pixels[..., 0], levels / 257, atol=1)


def test_a_rotated_photo_of_sixteen_bits_becomes_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    levels = Image.fromarray(np.full((20, 40), 30_000, np.uint16))
    assert decode(encode(levels, "PNG", exif=exif)).shape == (40, 20, 3)


def test_transparent_parts_become_white() -> None:
    image = _four_colours().convert("RGBA")
    image.putalpha(Image.new("L", image.size, 0))
    image.paste((255, 0, 0, 255), (0, 0, 24, 16))
    corners = _corners(decode(encode(image, "PNG")))
    assert corners.tolist() == [[255, 0, 0], [255, 255, 255], [255, 255, 255], [255, 255, 255]]


def test_grey_becomes_rgb() -> None:
    pixels = decode(encode(random_image(1).convert("L")))
    assert pixels.shape == (80, 96, 3)
    assert (pixels[..., 0] == pixels[..., 2]).all()


def test_a_photo_with_unreadable_exif_data_is_decoded() -> None:
    assert decode(encode(random_image(1), exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\0\0")).shape == (80, 96, 3)


def test_a_large_jpeg_is_decoded_smaller_but_not_too_small() -> None:
    content = encode(random_image(1, 800, 1600))
    pixels, size = decode_reduced(content, min_side=150)
    assert size == (1600, 800)
    assert pixels.shape == (200, 400, 3)
    whole = np.asarray(center_crop(decode(content), 64), int)
    assert np.abs(center_crop(pixels, 64) - whole).mean() < 2


def test_a_square_is_taken_from_the_middle() -> None:
    wide = np.zeros((40, 100, 3), np.uint8)
    wide[:, 30:70] = 200
    for pixels in (wide, wide.transpose(1, 0, 2)):
        square = center_crop(np.ascontiguousarray(pixels), 20)
        assert square.shape == (20, 20, 3)
        assert square.min() > 180


@pytest.mark.parametrize(("height", "width"), [(40, 100), (100, 40), (7, 5000)])
def test_a_padded_square_shows_the_whole_image_and_repeats_its_edges(height: int, width: int) -> None:
    image = np.full((height, width, 3), 90, np.uint8)
    long_side = image if width > height else image.transpose(1, 0, 2)
    long_side[:, : max(height, width) // 4] = 200  # the first quarter of the long side
    square = pad_to_square(image, 20)
    along = square if width > height else square.transpose(1, 0, 2)
    assert square.shape == (20, 20, 3)
    assert along[:, :4].min() > 180
    assert along[:, 7:].max() < 100


def test_an_image_that_is_square_is_neither_cropped_nor_padded() -> None:
    image = np.asarray(random_image(1, 60, 60))
    assert np.array_equal(pad_to_square(image, 24), center_crop(image, 24))


def test_stripes_finer_than_a_pixel_become_grey() -> None:
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 255
    assert np.abs(center_crop(stripes, 16).astype(int)[:, 2:-2] - 128).max() < 12


def test_the_blank_fraction_is_the_share_of_the_median_colour() -> None:
    pixels = np.full((100, 100, 3), 90, np.uint8)
    pixels[:5, :10] = 200
    assert blank_fraction(pixels) == pytest.approx(0.995)
    assert blank_fraction(np.asarray(random_image(1))) < 0.2


def test_every_format_that_is_decoded_is_found_by_its_extensions() -> None:
    decode(HEIC)  # registers the decoder of HEIC
    known = {extension for extension, kind in Image.registered_extensions().items() if kind in FORMATS}
    rare = {".apng", ".dib", ".hif", ".heics", ".heifs", ".avifs"}
    assert known - rare == set(SUFFIXES)


def test_heic_and_avif_are_decoded() -> None:
    image = decode(HEIC)
    assert image.shape == (48, 64, 3)
    np.testing.assert_allclose(image[20, 5], (200, 60, 20), atol=5)
    assert decode(encode(random_image(1), "AVIF")).shape == (80, 96, 3)


@pytest.mark.parametrize(("content", "reason"), [(HEIC[:-100], "damaged file"), (HEIC[:30], "damaged file")])
def test_a_heic_file_that_is_cut_off_is_rejected(content: bytes, reason: str) -> None:
    with pytest.raises(Rejected, match=reason):
        decode(content)


def test_a_heic_file_with_too_many_pixels_is_rejected() -> None:
    with pytest.raises(Rejected, match="too many pixels"):
        decode(HEIC, pixels=1000)


def test_a_jpeg_with_too_many_scans_is_rejected() -> None:
    assert decode(jpeg_with_scans(80, side=64)).shape == (64, 64, 3)
    with pytest.raises(Rejected, match="too many scans"):
        decode(jpeg_with_scans(200, side=64))
