"""The view of the generator in a real browser."""

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.helpers.classifier_champion import write_champion
from tests.helpers.generator_champion import FAMILY, LABELS
from tests.helpers.pages import Open
from tests.helpers.serving import serving, store_model

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.system

ALL_DRAWN = """() => [...document.querySelectorAll("#sheet canvas")]
  .filter((c) => c.width && c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some(Boolean))
  .length === 16"""


def expect_drawings(page: "Page", label: str) -> None:
    """Wait until drawings of a label are shown."""
    expect(page.locator("h2")).to_have_attribute("data-guess", label)
    expect(page.get_by_role("img", name=f"16 sketches of: {label}")).to_be_visible()
    page.wait_for_function(ALL_DRAWN)  # they appear one after the other


def test_choosing_a_word_shows_drawings(open_page: Open) -> None:
    page = open_page(view="sketches")
    expect(page.locator("h2")).to_have_attribute("data-guess", re.compile("|".join(LABELS)))
    for label in ("house", "sun"):
        page.get_by_role("radio", name=label).check()
        expect_drawings(page, label)


def test_draw_again_uses_another_seed(open_page: Open) -> None:
    page = open_page(view="sketches")
    expect(page.locator("h2")).to_have_attribute("data-guess", re.compile(".+"))
    first, label = page.locator("#seed").input_value(), page.locator("h2").get_attribute("data-guess")
    page.get_by_role("button", name="Draw again").click()
    expect(page.locator("#seed")).not_to_have_value(first)
    expect_drawings(page, str(label))


def test_the_saved_image_is_the_one_that_is_shown(open_page: Open, service: httpx.Client) -> None:
    page = open_page(view="sketches")
    page.get_by_role("radio", name="house").check()
    expect_drawings(page, "house")
    seed = page.locator("#seed").input_value()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save the image").click()
    image = Path(saved.value.path()).read_bytes()
    assert saved.value.suggested_filename == f"16 sketches of house, seed {seed}.png"
    assert Image.open(io.BytesIO(image)).text["seed"] == seed  # type: ignore[attr-defined]
    assert image == service.post("/generate_drawing", json={"label": "house", "seed": int(seed)}).content


def test_the_keyboard_chooses_a_word_and_it_is_announced(open_page: Open) -> None:
    page = open_page(view="sketches")
    page.get_by_role("radio", name="envelope").click()  # sets the focus even if that word was chosen at random
    expect_drawings(page, "envelope")
    page.keyboard.press("ArrowRight")
    expect_drawings(page, "house")
    expect(page.locator("#announcer")).to_have_text(re.compile(r"16 sketches of house, seed \d+"))
    expect(page.get_by_role("group", name="What to draw")).to_be_visible()
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.id") == "save"


def test_an_error_is_shown_and_the_request_repeated(open_page: Open) -> None:
    page = open_page(quiet=False, view="sketches")
    expect(page.locator("h2")).to_have_attribute("data-guess", re.compile("."))
    first = page.locator("h2").get_attribute("data-guess")  # the first word is random
    another = next(label for label in LABELS if label != first)
    page.route("**/generate_drawing", lambda route: route.abort())
    page.get_by_role("radio", name=another).check()
    expect(page.get_by_role("status")).to_contain_text("cannot be reached")
    page.unroute("**/generate_drawing")
    expect_drawings(page, another)
    expect(page.locator("#notice")).to_be_hidden()


def test_without_a_generator_two_views_show_the_reason_and_the_third_works(browser: Browser, tmp_path: Path) -> None:
    store_model(tmp_path / "bentoml", write_champion(tmp_path / "champion"))
    with serving(tmp_path / "bentoml") as service:
        page = browser.new_page()
        page.goto(f"{service.base_url}/#/sketches")
        expect(page.get_by_role("status")).to_contain_text(f"{FAMILY} has no champion yet")
        expect(page.get_by_role("button", name="Draw again")).to_be_disabled()
        page.get_by_role("link", name="Duel").click()
        expect(page.get_by_role("status")).to_contain_text(f"{FAMILY} has no champion yet")
        expect(page.get_by_role("button", name="Begin")).to_be_disabled()
        page.get_by_role("link", name="Drawing").click()
        expect(page.locator(".lineage")).to_be_visible()
        expect(page.locator("#notice")).to_be_hidden()
        page.close()
