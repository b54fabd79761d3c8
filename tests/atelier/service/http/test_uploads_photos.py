import numpy as np
import pytest
from PIL import Image, ImageCms

from atelier.errors import BadInputError
from atelier.preprocessing.images import Rejected
from atelier.service.http.decoding import decode_photo, to_srgb
from atelier.service.http.uploads import open_photo
from tests.helpers.image_files import broken_files, encode, random_image

LEFT = np.array([200, 60, 20])
"""Colour of the left half of `halves`. The right half is black."""


def halves(width: int = 80, height: int = 40) -> Image.Image:
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2] = LEFT
    return Image.fromarray(pixels)


def opened(content: bytes, max_side: int = 1024) -> np.ndarray:
    return decode_photo(content, max_side, 10**7)[0].astype(int)


@pytest.mark.parametrize(
    ("size", "max_side", "expected"),
    [
        ((80, 40), 1024, (80, 40)),
        ((1024, 33), 1024, (1024, 33)),
        ((1025, 400), 1024, (1024, 400)),
        ((2048, 1000), 1024, (1024, 500)),
        ((300, 3001), 1024, (102, 1024)),
        ((700, 500), 512, (512, 366)),
        ((32, 32), 512, (32, 32)),
    ],
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_photo_is_scaled_down_only_if_it_is_too_large(
    size: tuple[int, int], max_side: int, expected: tuple[int, int], kind: str
) -> None:
    photo = open_photo("image", encode(halves(*size), kind), max_side)
    assert (photo.size, photo.uploaded_size) == (expected, size)
    assert photo.pixels.dtype == np.uint8
    np.testing.assert_allclose(photo.pixels[:, 2].mean(0), LEFT, atol=4)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("max_side", [1024, 64])
def test_a_photo_is_upright_for_every_orientation_in_exif(orientation: int, max_side: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = open_photo("image", encode(halves(800, 400), exif=exif), max_side)
    turned = orientation >= 5
    assert photo.uploaded_size == ((400, 800) if turned else (800, 400))
    side = min(max_side, 800)
    assert photo.size == ((side // 2, side) if turned else (side, side // 2))
    along = photo.pixels.mean(axis=(1, 2) if turned else (0, 2))
    # True if the coloured half of the stored image is at the top or left (Exif 2.32, 4.6.4, tag 274).
    first = orientation in (1, 4, 5, 6)
    assert (along[2] > 60 > along[-3]) == first
    assert (along[-3] > 60 > along[2]) != first


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("1", "PNG"), ("L", "JPEG"), ("LA", "PNG"), ("P", "GIF"), ("P", "PNG"), ("RGBA", "WEBP"), ("RGBA", "PNG"),
     ("CMYK", "JPEG"), ("CMYK", "TIFF"), ("YCbCr", "JPEG"), ("I;16", "PNG"), ("F", "TIFF"), ("RGB", "BMP")],
)  # fmt: skip
def test_every_mode_becomes_rgb(mode: str, kind: str) -> None:
    grey = mode in ("1", "L", "LA", "I;16", "F")
    if mode == "I;16":
        stored = Image.fromarray(np.asarray(halves().convert("L")).astype(np.uint16) * 257)
    elif mode == "F":
        stored = Image.fromarray(np.asarray(halves().convert("L")).astype(np.float32))
    else:
        stored = halves().convert(mode, dither=Image.Dither.NONE) if mode == "1" else halves().convert(mode)
    pixels = opened(encode(stored, kind))
    assert pixels.shape == (40, 80, 3)
    left, right = pixels[:, :35].mean((0, 1)), pixels[:, 45:].mean((0, 1))
    if mode == "1":
        assert (left == 0).all() or (left == 255).all()
    elif grey:
        # 32-bit levels are scaled by their maximum.
        np.testing.assert_allclose(left, LEFT @ [0.299, 0.587, 0.114], atol=3)
    else:
        np.testing.assert_allclose(left, LEFT, atol=8)
    np.testing.assert_allclose(right, 0, atol=8)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_transparent_parts_become_white(kind: str) -> None:
    stored = halves().convert("RGBA")
    alpha = np.full((40, 80), 255, np.uint8)
    alpha[:20], alpha[20:30] = 0, 128
    stored.putalpha(Image.fromarray(alpha))
    pixels = opened(encode(stored, kind, **({"lossless": True} if kind == "WEBP" else {})))
    assert (pixels[:20] == 255).all()
    np.testing.assert_allclose(pixels[25, 10], (LEFT + 255) / 2, atol=2)
    np.testing.assert_array_equal(pixels[35, 10], LEFT)


def profile(kind: str) -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(kind)).tobytes()


def swapped_profile() -> bytes:
    """The sRGB profile with the primaries of R and B exchanged."""
    content = profile("sRGB")
    return content.replace(b"rXYZ", b"tXYZ").replace(b"bXYZ", b"rXYZ").replace(b"tXYZ", b"bXYZ")


def test_an_embedded_profile_is_applied() -> None:
    pixels = opened(encode(halves(), "PNG", icc_profile=swapped_profile()))
    np.testing.assert_allclose(pixels[20, 10], LEFT[::-1], atol=3)
    clear = halves().convert("RGBA")
    clear.putalpha(0)
    assert (opened(encode(clear, "PNG", icc_profile=swapped_profile())) == 255).all()


@pytest.mark.parametrize("content", [b"no profile", profile("sRGB")[:200], profile("LAB"), profile("sRGB")])
def test_a_profile_that_is_broken_or_does_not_fit_is_ignored(content: bytes) -> None:
    pixels = opened(encode(halves(), "PNG", icc_profile=content))
    np.testing.assert_allclose(pixels[20, 10], LEFT, atol=1)


@pytest.mark.parametrize("mode", ["L", "CMYK", "P", "1", "RGBA"])
def test_a_profile_for_another_mode_is_not_an_error(mode: str) -> None:
    stored = halves().convert(mode)
    stored.info["icc_profile"] = profile("sRGB")
    assert to_srgb(stored).mode == "RGB"


@pytest.mark.parametrize(
    ("size", "message"),
    [
        ((31, 200), r"31 x 200 pixels, and each side needs at least 32\. Send a larger image\."),
        ((200, 1), "200 x 1 pixels"),
        ((3200, 90), r"too narrow: scaled down to 1024 pixels, it would be 1024 x 29.* Crop it"),
        ((40, 5000), "would be 8 x 1024"),
    ],
)
def test_a_photo_with_a_side_that_is_too_short_is_rejected(size: tuple[int, int], message: str) -> None:
    with pytest.raises(BadInputError, match=f"^style_2: The image has .*{message}"):
        open_photo("style_2", encode(halves(*size), "PNG"), 1024)


BROKEN = {name: content for name, (content, why) in broken_files().items() if why != "nearly empty"}


@pytest.mark.parametrize("name", BROKEN)
def test_the_message_for_a_broken_file_names_the_part(name: str) -> None:
    with pytest.raises(BadInputError, match=r"^image: The (file|image) .*\.$"):
        open_photo("image", BROKEN[name], 1024)


def test_colours_that_cannot_be_converted_are_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    def reject(*_: object) -> None:
        raise Rejected("unsupported colours", "conversion not supported")

    monkeypatch.setattr("atelier.service.http.uploads.DECODER.photo", reject)
    with pytest.raises(BadInputError, match=r"^image: The image's colours cannot be read\. Save it in RGB"):
        open_photo("image", encode(halves()), 1024)


def test_a_blank_photo_is_accepted() -> None:
    assert (opened(encode(Image.new("RGB", (50, 50), "white"))) == 255).all()
    assert random_image(1).size == open_photo("image", encode(random_image(1)), 1024).size
