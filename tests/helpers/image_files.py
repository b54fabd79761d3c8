"""Image files for tests: random images, and files that are broken in every possible way."""

import base64
import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo


def random_image(seed: int, height: int = 80, width: int = 96) -> Image.Image:
    """Random colours in coarse and fine grids, unlike those of any other seed and the same in any size."""
    rng = np.random.default_rng(seed)
    layers = [Image.fromarray(rng.integers(0, 256, (cells, cells, 3), dtype=np.uint8)) for cells in (6, 14, 28)]
    coarse, middle, fine = (layer.resize((width, height), Image.Resampling.BICUBIC) for layer in layers)
    return Image.blend(Image.blend(coarse, middle, 0.4), fine, 0.3)


def encode(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png_with_header(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG file whose header announces so many pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def text_bomb() -> bytes:
    """A PNG file with a text chunk of a few kilobytes that decompresses to megabytes."""
    info = PngInfo()
    info.add_text("note", "a" * 2**22, zip=True)
    return encode(random_image(900), "PNG", pnginfo=info)


def broken_files() -> dict[str, tuple[bytes, str]]:
    """Name → content and the reason why it is rejected."""
    complete = encode(random_image(901))
    png = encode(random_image(902), "PNG")
    damaged = bytearray(png)
    damaged[len(png) // 2] ^= 0xFF
    return {
        "empty.jpg": (b"", "empty file"),
        "text.jpg": (b"This is no image, whatever its name says.\n" * 50, "not an image"),
        "page.png": (b"<!doctype html><title>404</title>", "not an image"),
        "cut.jpg": (complete[: len(complete) // 2], "truncated file"),
        "cut.png": (png[: len(png) // 2], "truncated file"),
        "cut_header.jpg": (complete[:30], "truncated file"),
        "flipped_bits.png": (bytes(damaged), "damaged file"),
        "too_few_rows.png": (png_with_header(80, 80, zlib.compress(b"\0" * 100)), "truncated file"),
        "bomb.png": (png_with_header(60_000, 60_000), "too many pixels"),
        "large.png": (encode(Image.new("1", (10_000, 6_000)), "PNG", optimize=True), "too many pixels"),
        "note.png": (text_bomb(), "decompression bomb"),
        "tiny.png": (encode(random_image(903, 20, 30), "PNG"), "too small"),
        "white.jpg": (encode(Image.new("RGB", (96, 96), "white")), "nearly empty"),
        "clear.png": (encode(Image.new("RGBA", (96, 96), (200, 10, 10, 0)), "PNG"), "nearly empty"),
        "dot.png": (_dot(), "nearly empty"),
    }


def _dot() -> bytes:
    image = Image.new("RGB", (96, 96), (30, 60, 90))
    image.paste("white", (40, 40, 42, 42))
    return encode(image, "PNG")


def write_folder(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def jpeg_with_scans(scans: int, side: int = 6300) -> bytes:
    """A progressive JPEG whose last scan, of a few bytes, is repeated so often."""
    content = encode(Image.new("L", (side, side), 99), "JPEG", progressive=True)
    last = content.rfind(b"\xff\xda")
    return content[:-2] + content[last:-2] * scans + content[-2:]


HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAA"
    "AAAERAAAEAAQAAAAABoQABAAAAAAAAAKsAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/WlwcnAA"
    "AADdaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkA"
    "AAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAA"
    "AAAoY2xhcAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAAL"
    "NtZGF0AAAApygBrwngOSMkv//3Dz//+rNuQ/UXicE4/5jnJ9+sf3/+Ox9RGNYspWkrjKXm8Wm0O06QCylirEY5i4DmJY9GW2QL3LaJ/RTfZ4dO"
    "H6+ch1EooabQ4iHaTVr6GJtAL+emGY68X3EYANQgymtVMTUI0WxonXFT3svwdZnm9Vo7PLGRUCy6qFitHer+bWIAsQLBl8Bhz5pjzLC2+tenhm"
    "wFXLw506t5acPD"
)
"""64 x 48 pixels, orange (200, 60, 20) in the left half and white in the right one. No free package writes HEIC."""
