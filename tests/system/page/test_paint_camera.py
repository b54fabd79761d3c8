"""The camera of the view Paint in a real browser."""

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.helpers.pages import GREY, Open, expect_painted, mix
from tests.helpers.stylizer_champions import COLORS

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.system

GREY_IN_OCHRE = mix(GREY, COLORS["ochre"])

CAMERA = """() => {
  window.streams = [];
  navigator.mediaDevices.getUserMedia = async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 240 });
    const pen = canvas.getContext("2d");
    const paint = () => { pen.fillStyle = "rgb(100 100 100)"; pen.fillRect(0, 0, 320, 240); };
    paint();
    setInterval(paint, 30); // a stream has frames only where the canvas changes
    streams.push(canvas.captureStream(30));
    return streams.at(-1);
  };
}"""
# To be run after CAMERA: the camera starts only when the test says so.
SLOW = """() => {
  const { mediaDevices } = navigator, start = mediaDevices.getUserMedia;
  window.answers = [];
  mediaDevices.getUserMedia = () => new Promise((answer) => answers.push(() => answer(start())));
}"""
RUNNING = """(cameras) => {
  const tracks = streams.flatMap((stream) => stream.getTracks());
  return tracks.filter(({ readyState }) => readyState === "live").length === cameras;
}"""


def running(page: "Page", cameras: int) -> None:
    """Wait until this number of cameras is on."""
    page.wait_for_function(RUNNING, arg=cameras)


def test_the_camera_takes_a_photo_and_is_turned_off(open_page: Open) -> None:
    page = open_page(view="paint")
    page.evaluate(CAMERA)
    page.get_by_role("button", name="Camera").click()
    page.get_by_role("button", name="Take the photo").click()
    expect_painted(page, "ochre", GREY_IN_OCHRE)
    expect(page.locator("#below")).to_have_text("320 × 240 pixels")
    expect(page.locator("#viewfinder")).to_be_hidden()
    running(page, 0)


def cancel_by_button(page: "Page") -> None:
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Camera")).to_be_focused()


def cancel_by_key(page: "Page") -> None:
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Camera")).to_be_visible()


def close_the_view(page: "Page") -> None:
    page.get_by_role("link", name="Duel").click()
    expect(page.locator("#before-after")).to_have_count(0)


@pytest.mark.parametrize("stop", [cancel_by_button, cancel_by_key, close_the_view])
def test_the_camera_is_turned_off_without_a_photo(open_page: Open, stop: object) -> None:
    page = open_page(view="paint")
    page.evaluate(CAMERA)
    page.get_by_role("button", name="Camera").click()
    expect(page.get_by_role("button", name="Take the photo")).to_be_focused()
    running(page, 1)
    stop(page)  # type: ignore[operator]
    running(page, 0)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_cancelled_start_does_not_affect_the_next(open_page: Open, order: tuple[int, int]) -> None:
    page = open_page(view="paint")
    page.evaluate(CAMERA)
    page.evaluate(SLOW)
    page.get_by_role("button", name="Camera").click()
    cancel_by_button(page)
    page.get_by_role("button", name="Camera").click()
    for start in order:
        page.evaluate("(start) => answers[start]()", start)
    expect(page.get_by_role("button", name="Take the photo")).to_be_focused()
    expect(page.locator("#notice")).to_be_hidden()
    running(page, 1)
    cancel_by_button(page)
    running(page, 0)


def test_a_message_if_the_camera_is_not_allowed(open_page: Open) -> None:
    page = open_page(view="paint")
    fail = "async () => { throw new DOMException('', 'NotAllowedError'); }"
    page.evaluate(f"() => {{ navigator.mediaDevices.getUserMedia = {fail}; }}")
    page.get_by_role("button", name="Camera").click()
    expect(page.get_by_role("status")).to_contain_text("does not let this page use the camera")
    expect(page.get_by_role("button", name="Open a photo")).to_be_visible()


def test_a_phone_uses_its_camera_app(open_page: Open) -> None:
    page = open_page(view="paint", has_touch=True, is_mobile=True)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Camera").tap()
    assert chooser.value.element.get_attribute("capture") == "environment"
