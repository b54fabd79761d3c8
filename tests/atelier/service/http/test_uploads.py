import io
import struct
import zlib
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image, ImageDraw

from atelier.errors import BadInputError
from atelier.preprocessing.images import FORMATS, Rejected
from atelier.service.http.decoding import decode_drawing, to_gray
from atelier.service.http.uploads import open_drawing


def encode(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(content: bytes) -> np.ndarray:
    return decode_drawing(content, 10**6)


def a_line(mode: str = "L", background: object = 255, stroke: object = 0) -> Image.Image:
    image = Image.new(mode, (40, 20), background)
    ImageDraw.Draw(image).line((2, 10, 37, 10), fill=stroke, width=3)
    return image


def png_with_header(width: int, height: int, data: bytes = b"") -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"not an image at all", "not an image"),
        (b"%PDF-1.7 something", "not an image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not an image"),
        (b"\x89PNG\r\n\x1a\n", "damaged or cut off|not an image"),
        (png_with_header(8000, 6000), "megapixels"),
        (png_with_header(60_000, 60_000), "megapixels"),
        (png_with_header(20, 20, zlib.compress(b"\0" * 10)), "damaged or cut off"),
        (encode(a_line("RGB", "white", "black"), "JPEG")[:-200], "damaged or cut off"),
    ],
)
def test_a_bad_file_is_rejected_with_a_message(content: bytes, message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        open_drawing(content)


def test_a_small_file_with_many_pixels_is_rejected_before_it_is_decoded() -> None:
    bomb = encode(Image.new("1", (10_000, 5_000)), optimize=True)
    assert len(bomb) < 20_000
    with pytest.raises(BadInputError, match="10000 x 5000"):
        open_drawing(bomb)


def test_a_decompression_bomb_in_a_text_is_rejected() -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("note", "a" * 2**22, zip=True)
    with pytest.raises(BadInputError, match="damaged"):
        open_drawing(encode(a_line(), pnginfo=info))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_every_format_can_be_opened(kind: str) -> None:
    grey = opened(encode(a_line("RGB", "white", "black"), kind))
    assert grey.shape == (20, 40)
    assert grey[10, 20] < 60
    assert grey[2, 2] > 200


MODES = ["1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBX", "RGBa", "CMYK", "YCbCr", "LAB", "HSV", "I", "F"]


def writable() -> list[tuple[str, str]]:
    """Every combination of mode and format that Pillow can write."""
    pairs = []
    for mode in [*MODES, "I;16", "I;16L", "I;16B", "I;16N"]:
        for kind in FORMATS:
            with suppress(OSError, ValueError, KeyError):
                encode(Image.new(mode, (8, 6)), kind)
                pairs.append((mode, kind))
    return pairs


@pytest.mark.parametrize(("mode", "kind"), writable())
def test_every_mode_in_every_format_becomes_grey(mode: str, kind: str) -> None:
    grey = opened(encode(Image.new(mode, (8, 6)), kind))
    assert (grey.shape, grey.dtype) == ((6, 8), np.uint8)


def test_lab_becomes_its_lightness() -> None:
    image = Image.merge("LAB", [a_line(), Image.new("L", (40, 20), 128), Image.new("L", (40, 20), 128)])
    assert np.array_equal(opened(encode(image, "TIFF")), np.asarray(a_line()))


def test_colours_that_pillow_cannot_convert_are_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    def convert(*_: object) -> None:
        raise ValueError("conversion not supported")

    image = a_line("RGB")
    monkeypatch.setattr(image, "convert", convert)
    with pytest.raises(Rejected, match="unsupported colours"):
        to_gray(image)


def test_the_first_frame_of_an_animation_is_read() -> None:
    content = encode(a_line(), "GIF", save_all=True, append_images=[Image.new("L", (40, 20), 255)])
    assert opened(content)[10, 20] < 60


def test_an_image_is_rotated_as_its_exif_data_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert opened(encode(a_line("RGB", "white", "black"), "JPEG", exif=exif)).shape == (40, 20)


@pytest.mark.parametrize(("stroke", "background"), [(0, 255), (255, 0)])
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparent_parts_contrast_with_the_strokes(mode: str, stroke: int, background: int) -> None:
    clear, solid = ((0, 0, 0, 0), (stroke, stroke, stroke, 255)) if mode == "RGBA" else ((0, 0), (stroke, 255))
    grey = opened(encode(a_line(mode, clear, solid)))
    assert (grey[10, 20], grey[2, 2]) == (stroke, background)


def test_a_palette_with_a_transparent_colour() -> None:
    image = a_line("P", 0, 1)
    image.putpalette([9, 9, 9, 255, 255, 255])
    grey = opened(encode(image, transparency=0))
    assert (grey[10, 20], grey[2, 2]) == (255, 0)


def test_sixteen_bits_keep_their_contrast() -> None:
    levels = np.full((20, 40), 60_000, np.uint16)
    levels[10] = 300
    grey = opened(encode(Image.fromarray(levels)))
    assert grey[2, 2] == 233
    assert grey[10, 20] == 1


def test_floating_point_levels_with_nan() -> None:
    levels = np.full((20, 40), 0.9, np.float32)
    levels[10] = np.nan
    grey = opened(encode(Image.fromarray(levels), "TIFF"))
    assert grey[2, 2] > 220
    assert grey[10, 20] == 0
