import numpy as np
import pytest
from PIL import Image, ImageCms

from atelier.errors import BadInputError
from atelier.preprocessing.images import Rejected
from atelier.service.http.photos import open_photo, to_srgb
from tests.helpers.image_files import broken_files, encode, random_image

LEFT = np.array([200, 60, 20])
"""Colour of the left half of `halves`; the right one is black."""


def halves(width: int = 80, height: int = 40) -> Image.Image:
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2] = LEFT
    return Image.fromarray(pixels)


def opened(content: bytes, longest: int = 1024) -> np.ndarray:
    return open_photo("image", content, longest).pixels.astype(int)


@pytest.mark.parametrize(
    ("size", "longest", "fitted"),
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
def test_a_photo_is_made_smaller_only_where_it_must(
    size: tuple[int, int], longest: int, fitted: tuple[int, int], kind: str
) -> None:
    photo = open_photo("image", encode(halves(*size), kind), longest)
    assert (photo.size, photo.sent) == (fitted, size)
    assert photo.pixels.dtype == np.uint8
    np.testing.assert_allclose(photo.pixels[:, 2].mean(0), LEFT, atol=4)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("longest", [1024, 64])
def test_a_photo_is_upright_whatever_its_exif_says(orientation: int, longest: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = open_photo("image", encode(halves(800, 400), exif=exif), longest)
    turned = orientation >= 5
    assert photo.sent == ((400, 800) if turned else (800, 400))
    side = min(longest, 800)
    assert photo.size == ((side // 2, side) if turned else (side, side // 2))
    along = photo.pixels.mean(axis=(1, 2) if turned else (0, 2))
    # Where the coloured half of the stored picture comes to lie (Exif 2.32, 4.6.4, tag 274).
    first = orientation in (1, 4, 5, 6)
    assert (along[2] > 60 > along[-3]) == first
    assert (along[-3] > 60 > along[2]) != first


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("1", "PNG"), ("L", "JPEG"), ("LA", "PNG"), ("P", "GIF"), ("P", "PNG"), ("RGBA", "WEBP"), ("RGBA", "PNG"),
     ("CMYK", "JPEG"), ("CMYK", "TIFF"), ("YCbCr", "JPEG"), ("I;16", "PNG"), ("F", "TIFF"), ("RGB", "BMP")],
)  # fmt: skip
def test_every_kind_of_colours_becomes_rgb(mode: str, kind: str) -> None:
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
        # 32-bit levels are scaled by their own range.
        np.testing.assert_allclose(left, LEFT @ [0.299, 0.587, 0.114], atol=3)
    else:
        np.testing.assert_allclose(left, LEFT, atol=8)
    np.testing.assert_allclose(right, 0, atol=8)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_is_transparent_is_laid_over_white(kind: str) -> None:
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
    """A profile in which the channels R and B have changed places: sRGB with its primaries renamed."""
    content = profile("sRGB")
    return content.replace(b"rXYZ", b"tXYZ").replace(b"bXYZ", b"rXYZ").replace(b"tXYZ", b"bXYZ")


def test_colours_are_those_that_the_embedded_profile_means() -> None:
    pixels = opened(encode(halves(), "PNG", icc_profile=swapped_profile()))
    np.testing.assert_allclose(pixels[20, 10], LEFT[::-1], atol=3)
    clear = halves().convert("RGBA")
    clear.putalpha(0)
    assert (opened(encode(clear, "PNG", icc_profile=swapped_profile())) == 255).all()


@pytest.mark.parametrize("content", [b"no profile", profile("sRGB")[:200], profile("LAB"), profile("sRGB")])
def test_a_profile_that_does_not_fit_says_nothing(content: bytes) -> None:
    pixels = opened(encode(halves(), "PNG", icc_profile=content))
    np.testing.assert_allclose(pixels[20, 10], LEFT, atol=1)


@pytest.mark.parametrize("mode", ["L", "CMYK", "P", "1", "RGBA"])
def test_a_profile_for_other_colours_is_no_reason_to_fail(mode: str) -> None:
    stored = halves().convert(mode)
    stored.info["icc_profile"] = profile("sRGB")
    assert to_srgb(stored).mode == "RGB"


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        ((31, 200), r"31 x 200 pixels, and each side needs at least 32\. Send a larger one\."),
        ((200, 1), "200 x 1 pixels"),
        ((3200, 90), r"too narrow: made 1024 pixels long, it would be 1024 x 29.* Cut off a part"),
        ((40, 5000), "would be 8 x 1024"),
    ],
)
def test_a_side_that_is_too_short_is_told(size: tuple[int, int], sentence: str) -> None:
    with pytest.raises(BadInputError, match=f"^style_2: The picture has .*{sentence}"):
        open_photo("style_2", encode(halves(*size), "PNG"), 1024)


BROKEN = {name: content for name, (content, why) in broken_files().items() if why != "nearly empty"}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(BadInputError, match=r"^image: The (file|picture) .*\.$"):
        open_photo("image", BROKEN[name], 1024)


def test_colours_that_are_not_converted_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Image.Image) -> None:
        raise Rejected("unsupported colours", "conversion not supported")

    monkeypatch.setattr("atelier.service.http.photos.to_rgb", refuse)
    with pytest.raises(BadInputError, match=r"^image: The picture's colours are not read .*Save it in RGB"):
        opened(encode(halves()))


def test_a_blank_photo_is_a_photo() -> None:
    assert (opened(encode(Image.new("RGB", (50, 50), "white"))) == 255).all()
    assert random_image(1).size == open_photo("image", encode(random_image(1)), 1024).size
