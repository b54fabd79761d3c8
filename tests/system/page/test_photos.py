"""Opening photos in the view Paint, in a real browser: large and broken files, drop and paste."""

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.helpers.image_files import encode
from tests.helpers.pages import BLUE, GREY, INSERT_FILE, PAINTERS, Open, drop, expect_painted, mix, open_photo, paste
from tests.helpers.stylizer_champions import COLORS

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.system

GREY_IN_OCHRE = mix(GREY, COLORS["ochre"])
ORIENTATION = 0x0112

# Playwright cannot read the files in a form, so the page records them.
SPY = """() => {
  const { fetch } = window;
  window.fetch = (path, options) => {
    window.photo = options?.body?.get?.("image") ?? window.photo;
    return fetch(path, options);
  };
}"""
SLOW = """() => {
  const { createImageBitmap } = window;
  window.createImageBitmap = (file, options) => file.name !== "notes.jpg" ? createImageBitmap(file, options)
    : new Promise((_, fail) => (window.fail = fail));
}"""
SENT = "async () => btoa(Array.from(new Uint8Array(await photo.arrayBuffer()), (c) => String.fromCharCode(c)).join(''))"


def sent(page: "Page") -> bytes:
    """The photo of the last request, recorded by `SPY`."""
    return base64.b64decode(page.evaluate(SENT))


def test_a_large_photo_is_scaled_down_before_it_is_sent(open_page: Open, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (2400, 3200, 3), dtype=np.uint8)
    (tmp_path / "phone.jpg").write_bytes(encode(Image.fromarray(noise), quality=97))
    assert (tmp_path / "phone.jpg").stat().st_size > 10 * 2**20, "the service would accept it without scaling"
    page = open_page(view="paint")
    page.evaluate(SPY)
    page.locator("#file").set_input_files(tmp_path / "phone.jpg")
    expect(page.locator("#below")).to_have_text("1,024 × 768 pixels, scaled down from 3,200 × 2,400")
    photo = sent(page)
    assert len(photo) < 2**20
    assert Image.open(io.BytesIO(photo)).size == (1024, 768)


def test_a_rotated_photo_is_sent_upright_without_exif(open_page: Open, tmp_path: Path) -> None:
    stored = Image.new("RGB", (300, 200), "blue")
    stored.paste("red", (0, 0, 150, 200))
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # rotated by 90 degrees
    exif[0x010E] = "where it was taken"
    stored.save(tmp_path / "sideways.jpg", exif=exif, quality=95)
    page = open_page(view="paint")
    page.evaluate(SPY)
    page.locator("#file").set_input_files(tmp_path / "sideways.jpg")
    expect(page.locator("#below")).to_have_text("200 × 300 pixels")
    photo = sent(page)
    assert b"where it was taken" not in photo
    upright = Image.open(io.BytesIO(photo)).convert("RGB")
    assert upright.getpixel((100, 50)) == pytest.approx((255, 0, 0), abs=5)
    assert upright.getpixel((100, 250)) == pytest.approx((0, 0, 255), abs=5)


def test_transparent_parts_are_white(open_page: Open, tmp_path: Path) -> None:
    Image.new("RGBA", (64, 64), (0, 0, 0, 0)).save(tmp_path / "glass.png")
    page = open_page(view="paint")
    page.locator("#file").set_input_files(tmp_path / "glass.png")
    expect_painted(page, "ochre", [(255 + level) / 2 for level in COLORS["ochre"]])


@pytest.mark.parametrize("insert", [drop, paste])
def test_photos_and_styles_are_dropped_or_pasted(open_page: Open, insert: Callable[..., None]) -> None:
    page = open_page(view="paint")
    expect(page.get_by_role("radio", name="ochre")).to_be_checked()
    insert(page)
    expect_painted(page, "ochre", GREY_IN_OCHRE)
    insert(page, "#own", BLUE)
    expect_painted(page, "inserted", BLUE)


def test_an_image_that_is_pasted_after_choosing_a_style_is_the_photo(open_page: Open, grey: Path) -> None:
    page = open_photo(open_page(view="paint"), grey)
    page.get_by_role("radio", name="sea").check()
    expect_painted(page, "sea", mix(GREY, COLORS["sea"]))
    paste(page, "#styles input:checked", BLUE)
    expect_painted(page, "sea", mix(BLUE, COLORS["sea"]))
    expect(page.get_by_role("radio")).to_have_count(len(COLORS) + PAINTERS)


def test_dragging_highlights_where_the_image_goes(open_page: Open) -> None:
    page = open_page(view="paint")
    expect(page.get_by_role("radio", name="ochre")).to_be_checked()
    for place, shown in [("body", "sheet"), ("#own", "styles")]:
        page.evaluate(INSERT_FILE, ["dragover", place, GREY])
        assert page.evaluate("[...document.querySelectorAll('[data-over]')].map(({ id }) => id)") == [shown]
    page.evaluate(INSERT_FILE, ["dragleave", "body", GREY])
    expect(page.locator("[data-over]")).to_have_count(0)


def test_a_broken_file_gets_a_message_and_the_previous_images_stay(open_page: Open, tmp_path: Path) -> None:
    Image.new("RGB", (60, 60), GREY).save(tmp_path / "wall.png")
    (tmp_path / "notes.jpg").write_text("not an image")
    page = open_page(view="paint")
    page.locator("#file").set_input_files(tmp_path / "wall.png")
    expect_painted(page, "ochre", GREY_IN_OCHRE)
    for place in ("#file", "#style-file"):
        page.locator(place).set_input_files(tmp_path / "notes.jpg")
        expect(page.get_by_role("status")).to_contain_text("notes.jpg cannot be opened as an image. Choose a JPEG")
        page.get_by_label("Keep the photo’s colours").click()  # sends a request with the previous photo and style
        expect(page.locator("#notice")).to_be_hidden()
    expect(page.get_by_role("radio")).to_have_count(len(COLORS) + PAINTERS)


@pytest.fixture
def slow(open_page: Open, tmp_path: Path) -> "Page":
    """The view, with a broken photo whose decoding fails when `fail()` is called."""
    (tmp_path / "notes.jpg").write_text("not an image")
    page = open_page(view="paint")
    page.evaluate(SLOW)
    page.locator("#file").set_input_files(tmp_path / "notes.jpg")
    page.wait_for_function("() => window.fail")
    return page


def test_a_broken_photo_is_not_reported_after_another_was_opened(slow: "Page", grey: Path) -> None:
    open_photo(slow, grey)
    expect_painted(slow, "ochre", GREY_IN_OCHRE)
    slow.evaluate("() => fail()")
    expect(slow.locator("#notice")).to_be_hidden()


def test_a_broken_photo_is_not_reported_in_the_next_view(slow: "Page") -> None:
    slow.get_by_role("link", name="Duel").click()
    expect(slow.get_by_role("button", name="Begin")).to_be_enabled()
    slow.evaluate("() => fail()")
    expect(slow.locator("#notice")).to_be_hidden()
