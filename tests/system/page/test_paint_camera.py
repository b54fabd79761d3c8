"""The camera of the view Paint, in a real browser."""

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.helpers.pages import GREY, Open, between, painted
from tests.helpers.stylizer_champions import COLOURS

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.system

GREY_IN_OCHRE = between(GREY, COLOURS["ochre"])

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
# After CAMERA: a start is answered only when the test says so.
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
    """Wait until so many cameras are switched on."""
    page.wait_for_function(RUNNING, arg=cameras)


def test_the_camera_takes_a_photo_and_is_switched_off(open_page: Open) -> None:
    page = open_page(view="paint")
    page.evaluate(CAMERA)
    page.get_by_role("button", name="Camera").click()
    page.get_by_role("button", name="Take the photo").click()
    painted(page, "ochre", GREY_IN_OCHRE)
    expect(page.locator("#medium")).to_have_text("320 × 240 pixels")
    expect(page.locator("#finder")).to_be_hidden()
    running(page, 0)


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
    running(page, 1)
    leave(page)  # type: ignore[operator]
    running(page, 0)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_start_that_was_left_does_not_disturb_the_next(open_page: Open, order: tuple[int, int]) -> None:
    page = open_page(view="paint")
    page.evaluate(CAMERA)
    page.evaluate(SLOW)
    page.get_by_role("button", name="Camera").click()
    leave_by_button(page)
    page.get_by_role("button", name="Camera").click()
    for start in order:
        page.evaluate("(start) => answers[start]()", start)
    expect(page.get_by_role("button", name="Take the photo")).to_be_focused()
    expect(page.locator("#notice")).to_be_hidden()
    running(page, 1)
    leave_by_button(page)
    running(page, 0)


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
