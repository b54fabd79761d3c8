"""The view Paint by keyboard, on a phone, in dark colors and with reduced motion."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.helpers.pages import CONTRAST, Open, expect_painted

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.system


@pytest.fixture
def open_image(tmp_path: Path) -> Open:
    """Open a photo of this size and wait until it is painted."""

    def open_image(page: "Page", width: int = 300, height: int = 200) -> "Page":
        Image.new("RGB", (width, height), (100, 100, 100)).save(tmp_path / "wall.png")
        page.locator("#file").set_input_files(tmp_path / "wall.png")
        expect_painted(page, "ochre", (150, 120, 70))
        return page

    return open_image


def test_tab_reaches_everything_in_reading_order_with_a_visible_focus(open_page: Open, open_image: Open) -> None:
    page = open_image(open_page(view="paint"))
    expect(page.locator(".lineage")).to_be_visible()
    page.get_by_role("link", name="Photos").focus()
    focused = []
    for _ in range(11):
        page.keyboard.press("Tab")
        focused.append(
            page.evaluate(
                "document.activeElement.id || document.activeElement.className || document.activeElement.name"
            )
        )
        outlined = """[document.activeElement, document.activeElement.parentElement]
          .flatMap((element) => [getComputedStyle(element), getComputedStyle(element, "::after")])
          .some(({ outlineStyle, outlineWidth }) => outlineStyle !== "none" && parseFloat(outlineWidth) >= 2)"""
        assert page.evaluate(outlined), f"no visible focus on {focused[-1]}"
    assert focused[:10] == ["edge", "open", "camera", "compare", "save", "own", "style", "blend", "strength", "colours"]


def test_the_buttons_below_the_photo_are_a_group_for_tab(open_page: Open) -> None:
    page = open_page(view="paint")
    expect(page.get_by_role("group", name="Photo tools").get_by_role("button")).to_have_count(4)
    expect(page.get_by_role("toolbar")).to_have_count(0)  # its buttons would be reached by arrow keys


@pytest.mark.parametrize(("width", "height"), [(300, 200), (200, 400), (900, 90)])
def test_the_view_fits_on_a_phone(open_page: Open, open_image: Open, width: int, height: int) -> None:
    phone = {"width": 360, "height": 740}
    page = open_image(open_page(view="paint", viewport=phone, has_touch=True, is_mobile=True), width, height)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    box = page.locator("#sheet").bounding_box()
    assert box
    assert box["width"] / box["height"] == pytest.approx(width / height, rel=0.02)
    assert box["y"] + box["height"] < 740
    for target in page.locator("button:visible, nav a, .tile, input[type=range], .check label").all():
        size = target.bounding_box()
        assert size
        assert size["height"] >= 44, target.evaluate("element => element.outerHTML")


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("view", ["paint", "faces"])
def test_the_hint_stands_above_the_examples(open_page: Open, view: str, width: int) -> None:
    page = open_page(view=view, viewport={"width": width, "height": 844})
    expect(page.locator(".example").first).to_be_visible()
    hint, example = (page.locator(each).first.bounding_box() for each in (".hint:visible", ".example"))
    assert hint
    assert example
    assert hint["y"] + hint["height"] <= example["y"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_enough_contrast(open_page: Open, open_image: Open, scheme: str) -> None:
    page = open_image(open_page(view="paint", color_scheme=scheme))
    texts = ["nav a", "h1", "h2", "#above", "#below", "#own", "#percent", ".check", "#missing", "summary"]
    assert min(page.evaluate(CONTRAST, texts)) >= 4.5


def test_reduced_motion_stops_all_animations(open_page: Open, open_image: Open) -> None:
    page = open_image(open_page(view="paint", reduced_motion="reduce"))
    page.evaluate("document.querySelector('#progress').hidden = false")
    assert page.evaluate("document.getAnimations().length") == 0
    page = open_image(open_page(view="paint"))
    page.evaluate("document.querySelector('#progress').hidden = false")
    assert page.evaluate("document.getAnimations().length") > 0
