"""How photos come to the view Paint, in a real browser: large and broken files, drop, paste and camera."""

import base64
import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.pages import Open, painted
from tests.pictures import encode
from tests.stylizers import COLOURS

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.system

GREY = (100, 100, 100)
GREY_IN_OCHRE = [(a + b) / 2 for a, b in zip(GREY, COLOURS["ochre"], strict=True)]
ORIENTATION = 0x0112

BRING = """async ([event, place, [red, green, blue]]) => {
  const canvas = new OffscreenCanvas(120, 90), pen = canvas.getContext("2d");
  pen.fillStyle = `rgb(${red} ${green} ${blue})`; pen.fillRect(0, 0, 120, 90);
  const data = new DataTransfer();
  data.items.add(new File([await canvas.convertToBlob()], "brought.png", { type: "image/png" }));
  document.querySelector(place).dispatchEvent(event === "paste"
    ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true })
    : new DragEvent(event, { dataTransfer: data, bubbles: true }));
}"""
CAMERA = """() => (navigator.mediaDevices.getUserMedia = async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 240 });
  const pen = canvas.getContext("2d");
  const paint = () => { pen.fillStyle = "rgb(100 100 100)"; pen.fillRect(0, 0, 320, 240); };
  paint();
  setInterval(paint, 30); // a stream has frames only where the canvas changes
  return (window.stream = canvas.captureStream(30));
}) && null"""
# Browsers do not tell what they sent of a form with files.
SPY = """() => {
  const { fetch } = window;
  window.fetch = (path, options) => {
    window.photo = options?.body?.get?.("image") ?? window.photo;
    return fetch(path, options);
  };
}"""
SENT = "async () => btoa(Array.from(new Uint8Array(await photo.arrayBuffer()), (c) => String.fromCharCode(c)).join(''))"
RUNNING = "() => Boolean(window.stream) && stream.getTracks().some((track) => track.readyState === 'live')"


def sent(page: "Page") -> bytes:
    """The photo of the last question, once there was `SPY`."""
    return base64.b64decode(page.evaluate(SENT))


def test_a_large_photo_is_made_smaller_before_it_travels(open_page: Open, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (2400, 3200, 3), dtype=np.uint8)
    (tmp_path / "phone.jpg").write_bytes(encode(Image.fromarray(noise), quality=97))
    assert (tmp_path / "phone.jpg").stat().st_size > 10 * 2**20, "the service would take it as it is"
    page = open_page(view="paint")
    page.evaluate(SPY)
    page.locator("#file").set_input_files(tmp_path / "phone.jpg")
    expect(page.locator("#medium")).to_have_text("1,024 × 768 pixels, scaled down from 3,200 × 2,400")
    photo = sent(page)
    assert len(photo) < 2**20
    assert Image.open(io.BytesIO(photo)).size == (1024, 768)


def test_a_photo_taken_sideways_is_upright_and_tells_nothing_else(open_page: Open, tmp_path: Path) -> None:
    stored = Image.new("RGB", (300, 200), "blue")
    stored.paste("red", (0, 0, 150, 200))
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # its left side is up
    exif[0x010E] = "where it was taken"
    stored.save(tmp_path / "sideways.jpg", exif=exif, quality=95)
    page = open_page(view="paint")
    page.evaluate(SPY)
    page.locator("#file").set_input_files(tmp_path / "sideways.jpg")
    expect(page.locator("#medium")).to_have_text("200 × 300 pixels")
    photo = sent(page)
    assert b"where it was taken" not in photo
    upright = Image.open(io.BytesIO(photo)).convert("RGB")
    assert upright.getpixel((100, 50)) == pytest.approx((255, 0, 0), abs=5)
    assert upright.getpixel((100, 250)) == pytest.approx((0, 0, 255), abs=5)


def test_transparent_parts_are_white(open_page: Open, tmp_path: Path) -> None:
    Image.new("RGBA", (64, 64), (0, 0, 0, 0)).save(tmp_path / "glass.png")
    page = open_page(view="paint")
    page.locator("#file").set_input_files(tmp_path / "glass.png")
    painted(page, "ochre", [(255 + level) / 2 for level in COLOURS["ochre"]])


@pytest.mark.parametrize("event", ["drop", "paste"])
def test_photos_and_styles_are_dropped_or_pasted(open_page: Open, event: str) -> None:
    page = open_page(view="paint")
    expect(page.get_by_role("radio", name="ochre")).to_be_checked()
    page.evaluate(BRING, [event, "body", GREY])
    painted(page, "ochre", GREY_IN_OCHRE)
    page.evaluate(BRING, [event, "#own", (20, 40, 200)])
    painted(page, "brought", (20, 40, 200))


def test_what_is_dragged_is_shown_its_place(open_page: Open) -> None:
    page = open_page(view="paint")
    expect(page.get_by_role("radio", name="ochre")).to_be_checked()
    for place, shown in [("body", "sheet"), ("#own", "styles")]:
        page.evaluate(BRING, ["dragover", place, GREY])
        assert page.evaluate("[...document.querySelectorAll('[data-over]')].map(({ id }) => id)") == [shown]
    page.evaluate(BRING, ["dragleave", "body", GREY])
    expect(page.locator("[data-over]")).to_have_count(0)


def test_a_broken_file_gets_a_sentence_and_what_was_there_stays(open_page: Open, tmp_path: Path) -> None:
    Image.new("RGB", (60, 60), GREY).save(tmp_path / "wall.png")
    (tmp_path / "notes.jpg").write_text("not a picture")
    page = open_page(view="paint")
    page.locator("#file").set_input_files(tmp_path / "wall.png")
    painted(page, "ochre", GREY_IN_OCHRE)
    for place in ("#file", "#painting"):
        page.locator(place).set_input_files(tmp_path / "notes.jpg")
        expect(page.get_by_role("status")).to_contain_text("notes.jpg does not open as a picture here. Choose a JPEG")
        page.get_by_label("Keep the photo’s colours").click()  # the photo and its style are still there to ask about
        expect(page.locator("#notice")).to_be_hidden()
    expect(page.get_by_role("radio")).to_have_count(len(COLOURS))


def test_the_camera_takes_a_photo_and_is_switched_off(open_page: Open) -> None:
    page = open_page(view="paint")
    page.evaluate(CAMERA)
    page.get_by_role("button", name="Camera").click()
    page.get_by_role("button", name="Take the photo").click()
    painted(page, "ochre", GREY_IN_OCHRE)
    expect(page.locator("#medium")).to_have_text("320 × 240 pixels")
    expect(page.locator("#finder")).to_be_hidden()
    assert not page.evaluate(RUNNING)


def leave_by_button(page: "Page") -> None:
    page.get_by_role("button", name="Not now").click()
    expect(page.get_by_role("button", name="Camera")).to_be_focused()


def leave_by_key(page: "Page") -> None:
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Camera")).to_be_visible()


def leave_the_view(page: "Page") -> None:
    page.get_by_role("link", name="Duel").click()
    expect(page.locator("#paint-title")).to_have_count(0)


@pytest.mark.parametrize("leave", [leave_by_button, leave_by_key, leave_the_view])
def test_the_camera_is_switched_off_without_a_photo(open_page: Open, leave: object) -> None:
    page = open_page(view="paint")
    page.evaluate(CAMERA)
    page.get_by_role("button", name="Camera").click()
    expect(page.get_by_role("button", name="Take the photo")).to_be_focused()
    assert page.evaluate(RUNNING)
    leave(page)  # type: ignore[operator]
    assert not page.evaluate(RUNNING)


def test_a_camera_that_may_not_be_used_is_told(open_page: Open) -> None:
    page = open_page(view="paint")
    refused = "async () => { throw new DOMException('', 'NotAllowedError'); }"
    page.evaluate(f"() => {{ navigator.mediaDevices.getUserMedia = {refused}; }}")
    page.get_by_role("button", name="Camera").click()
    expect(page.get_by_role("status")).to_contain_text("does not let this page use the camera")
    expect(page.get_by_role("button", name="Open a photo")).to_be_visible()


def test_a_phone_uses_its_own_camera_program(open_page: Open) -> None:
    page = open_page(view="paint", has_touch=True, is_mobile=True)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Camera").tap()
    assert chooser.value.element.get_attribute("capture") == "environment"
