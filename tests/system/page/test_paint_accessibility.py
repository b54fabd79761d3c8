"""The view Paint by keyboard, on a phone, in the dark and without motion."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.helpers.pages import CONTRAST, Open, painted

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.system


@pytest.fixture
def bring(tmp_path: Path) -> Open:
    """Bring a photo of this size and wait until it is painted."""

    def bring(page: "Page", width: int = 300, height: int = 200) -> "Page":
        Image.new("RGB", (width, height), (100, 100, 100)).save(tmp_path / "wall.png")
        page.locator("#file").set_input_files(tmp_path / "wall.png")
        painted(page, "ochre", (150, 120, 70))
        return page

    return bring


def test_tab_reaches_everything_in_reading_order_and_is_seen(open_page: Open, bring: Open) -> None:
    page = bring(open_page(view="paint"))
    expect(page.locator("#lineage")).to_be_visible()
    page.get_by_role("link", name="Paint").focus()
    seen = []
    for _ in range(9):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                "document.activeElement.id || document.activeElement.className || document.activeElement.name"
            )
        )
        outlined = """[document.activeElement, document.activeElement.parentElement]
          .flatMap((element) => [getComputedStyle(element), getComputedStyle(element, "::after")])
          .some(({ outlineStyle, outlineWidth }) => outlineStyle !== "none" && parseFloat(outlineWidth) >= 2)"""
        assert page.evaluate(outlined), f"no visible focus on {seen[-1]}"
    assert seen[:8] == ["edge", "open", "camera", "save", "style", "own", "strength", "colours"]


def test_the_buttons_below_the_photo_are_a_group_for_tab(open_page: Open) -> None:
    page = open_page(view="paint")
    expect(page.get_by_role("group", name="Photo tools").get_by_role("button")).to_have_count(3)
    expect(page.get_by_role("toolbar")).to_have_count(0)  # whose buttons would be reached by arrow keys


@pytest.mark.parametrize(("width", "height"), [(300, 200), (200, 400), (900, 90)])
def test_it_fits_a_phone(open_page: Open, bring: Open, width: int, height: int) -> None:
    phone = {"width": 360, "height": 740}
    page = bring(open_page(view="paint", viewport=phone, has_touch=True, is_mobile=True), width, height)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    box = page.locator("#sheet").bounding_box()
    assert box
    assert box["width"] / box["height"] == pytest.approx(width / height, rel=0.02)
    assert box["y"] + box["height"] < 740
    for target in page.locator("button:visible, nav a, .tile, input[type=range], .colours label").all():
        size = target.bounding_box()
        assert size
        assert size["height"] >= 44, target.evaluate("element => element.outerHTML")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_the_wall(open_page: Open, bring: Open, scheme: str) -> None:
    page = bring(open_page(view="paint", color_scheme=scheme))
    texts = ["nav a", "h1", "h2", "#sure", "#medium", "#own", "#percent", ".colours", "#missing", "summary"]
    assert min(page.evaluate(CONTRAST, texts)) >= 4.5


def test_without_motion_nothing_moves(open_page: Open, bring: Open) -> None:
    page = bring(open_page(view="paint", reduced_motion="reduce"))
    page.evaluate("document.querySelector('#progress').hidden = false")
    assert page.evaluate("document.getAnimations().length") == 0
    page = bring(open_page(view="paint"))
    page.evaluate("document.querySelector('#progress').hidden = false")
    assert page.evaluate("document.getAnimations().length") > 0
