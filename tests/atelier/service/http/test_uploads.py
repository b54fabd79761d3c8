import io
import struct
import zlib
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image, ImageDraw

from atelier.errors import BadInputError
from atelier.service.http.uploads import FORMATS, open_picture, to_grey


def encode(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def a_line(mode: str = "L", background: object = 255, ink: object = 0) -> Image.Image:
    picture = Image.new(mode, (40, 20), background)
    ImageDraw.Draw(picture).line((2, 10, 37, 10), fill=ink, width=3)
    return picture


def png_with_header(width: int, height: int, data: bytes = b"") -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"no picture at all", "not a picture"),
        (b"%PDF-1.7 something", "not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
        (b"\x89PNG\r\n\x1a\n", "damaged or cut off|not a picture"),
        (png_with_header(8000, 6000), "megapixels"),
        (png_with_header(60_000, 60_000), "megapixels"),
        (png_with_header(20, 20, zlib.compress(b"\0" * 10)), "damaged or cut off"),
        (encode(a_line("RGB", "white", "black"), "JPEG")[:-200], "damaged or cut off"),
    ],
)
def test_a_bad_file_is_refused_with_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        open_picture(content)


def test_a_small_file_that_decodes_to_many_pixels_is_refused_before_it_is_decoded() -> None:
    bomb = encode(Image.new("1", (10_000, 5_000)), optimize=True)
    assert len(bomb) < 20_000
    with pytest.raises(BadInputError, match="10000 x 5000"):
        open_picture(bomb)


def test_compressed_text_that_explodes_is_refused() -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("note", "a" * 2**22, zip=True)
    with pytest.raises(BadInputError, match="damaged"):
        open_picture(encode(a_line(), pnginfo=info))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_every_promised_format_opens(kind: str) -> None:
    grey = to_grey(open_picture(encode(a_line("RGB", "white", "black"), kind)))
    assert grey.shape == (20, 40)
    assert grey[10, 20] < 60
    assert grey[2, 2] > 200


MODES = ["1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBX", "RGBa", "CMYK", "YCbCr", "LAB", "HSV", "I", "F"]


def savable() -> list[tuple[str, str]]:
    """Every (mode, format) that Pillow writes, among the formats that are tried."""
    pairs = []
    for mode in [*MODES, "I;16", "I;16L", "I;16B", "I;16N"]:
        for kind in FORMATS:
            with suppress(OSError, ValueError, KeyError):
                encode(Image.new(mode, (8, 6)), kind)
                pairs.append((mode, kind))
    return pairs


@pytest.mark.parametrize(("mode", "kind"), savable())
def test_every_mode_in_every_format_becomes_grey(mode: str, kind: str) -> None:
    grey = to_grey(open_picture(encode(Image.new(mode, (8, 6)), kind)))
    assert (grey.shape, grey.dtype) == ((6, 8), np.uint8)


def test_the_lightness_of_lab_is_its_grey() -> None:
    picture = Image.merge("LAB", [a_line(), Image.new("L", (40, 20), 128), Image.new("L", (40, 20), 128)])
    assert np.array_equal(to_grey(open_picture(encode(picture, "TIFF"))), np.asarray(a_line()))


def test_colours_that_pillow_does_not_convert_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def convert(*_: object) -> None:
        raise ValueError("conversion not supported")

    picture = a_line("RGB")
    monkeypatch.setattr(picture, "convert", convert)
    with pytest.raises(BadInputError, match="colours are not read"):
        to_grey(picture)


def test_of_an_animation_the_first_frame_counts() -> None:
    content = encode(a_line(), "GIF", save_all=True, append_images=[Image.new("L", (40, 20), 255)])
    assert to_grey(open_picture(content))[10, 20] < 60


def test_a_turned_photo_is_put_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert to_grey(open_picture(encode(a_line("RGB", "white", "black"), "JPEG", exif=exif))).shape == (40, 20)


@pytest.mark.parametrize(("ink", "background"), [(0, 255), (255, 0)])
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_becomes_what_the_ink_stands_out_on(mode: str, ink: int, background: int) -> None:
    clear, solid = ((0, 0, 0, 0), (ink, ink, ink, 255)) if mode == "RGBA" else ((0, 0), (ink, 255))
    grey = to_grey(open_picture(encode(a_line(mode, clear, solid))))
    assert (grey[10, 20], grey[2, 2]) == (ink, background)


def test_a_palette_with_a_transparent_colour() -> None:
    picture = a_line("P", 0, 1)
    picture.putpalette([9, 9, 9, 255, 255, 255])
    grey = to_grey(open_picture(encode(picture, transparency=0)))
    assert (grey[10, 20], grey[2, 2]) == (255, 0)


def test_sixteen_bits_keep_their_contrast() -> None:
    levels = np.full((20, 40), 60_000, np.uint16)
    levels[10] = 300
    grey = to_grey(open_picture(encode(Image.fromarray(levels))))
    assert grey[2, 2] == 233
    assert grey[10, 20] == 1


def test_floating_point_levels_with_nan() -> None:
    levels = np.full((20, 40), 0.9, np.float32)
    levels[10] = np.nan
    grey = to_grey(open_picture(encode(Image.fromarray(levels), "TIFF")))
    assert grey[2, 2] > 220
    assert grey[10, 20] == 0
