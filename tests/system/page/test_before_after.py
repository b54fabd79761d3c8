"""Moving the edge between a photo and the stylized photo by keyboard, mouse and finger."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.helpers.pages import Open, open_photo

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.system

PHONE = {"viewport": {"width": 360, "height": 600}, "has_touch": True, "is_mobile": True}


def point(page: "Page", share: float) -> tuple[float, float]:
    """A point in the image, at this share of its width."""
    box = page.locator("#before-after").bounding_box()
    assert box
    return box["x"] + share * box["width"], box["y"] + 0.8 * box["height"]


def swipe(page: "Page", *points: tuple[float, float]) -> None:
    """Move a finger from the first point to the last."""
    client = page.context.new_cdp_session(page)
    for kind, (x, y) in zip(["touchStart"] + ["touchMove"] * (len(points) - 1), points, strict=True):
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_the_keyboard_moves_the_edge_between_photo_and_painting(open_page: Open, grey: Path) -> None:
    page = open_photo(open_page(view="paint"), grey)
    edge = page.get_by_role("slider", name="Edge between photo and painting")
    expect(edge).to_have_attribute("aria-valuetext", "25 % photo, 75 % painting")
    edge.focus()
    for key, photo in [
        ("ArrowRight", 30),
        ("ArrowLeft", 25),
        ("PageUp", 50),
        ("End", 100),
        ("ArrowUp", 100),
        ("Home", 0),
    ]:
        page.keyboard.press(key)
        expect(edge).to_have_attribute("aria-valuenow", str(photo))
    page.keyboard.press("PageUp")
    # The first stylized photo appears with a transition, so the edge takes a while to get there.
    expect(page.locator("#before-after img + img")).to_have_css("clip-path", "inset(0px 0px 0px 25%)")


@pytest.mark.parametrize("touch", [False, True])
def test_mouse_and_finger_move_the_edge(open_page: Open, grey: Path, touch: bool) -> None:
    page = open_photo(open_page(view="paint", has_touch=touch), grey)
    edge = page.get_by_role("slider", name="Edge between photo and painting")
    expect(edge).to_be_visible()
    left, middle, right = (point(page, share) for share in (0.3, 0.55, 0.8))
    if touch:
        swipe(page, left, middle, right)
    else:
        page.mouse.move(*left)
        page.mouse.down()
        page.mouse.move(*right, steps=3)
        page.mouse.up()
        page.mouse.move(*left)  # after the button was released, the edge does not move
    expect(edge).to_have_attribute("aria-valuenow", "80")


def test_a_tap_moves_the_edge(open_page: Open, grey: Path) -> None:
    page = open_photo(open_page(view="paint", **PHONE), grey)
    edge = page.get_by_role("slider", name="Edge between photo and painting")
    expect(edge).to_have_attribute("aria-valuenow", "25")
    page.touchscreen.tap(*point(page, 0.7))
    expect(edge).to_have_attribute("aria-valuenow", "70")


def test_a_finger_that_scrolls_the_page_does_not_move_the_edge(open_page: Open, grey: Path) -> None:
    page = open_photo(open_page(view="paint", **PHONE), grey)
    edge = page.get_by_role("slider", name="Edge between photo and painting")
    expect(edge).to_have_attribute("aria-valuenow", "25")
    x, y = point(page, 0.7)
    swipe(page, *[(x + i, y - 12 * i) for i in range(10)])
    page.wait_for_function("() => scrollY > 0")
    expect(edge).to_have_attribute("aria-valuenow", "25")
