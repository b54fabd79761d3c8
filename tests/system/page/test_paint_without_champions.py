"""The view that paints, of services without all champions."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, expect

from tests.helpers import stylizer_champions
from tests.helpers.pages import BLUE, GREY, Open, between, bring, drop, painted, paste
from tests.helpers.serving import serving, store_model
from tests.helpers.stylizer_champions import COLOURS, write_arbitrary

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.system


@pytest.fixture
def without_fast(browser: Browser, tmp_path: Path) -> "Iterator[Page]":
    """The view of a service whose only champion is one of `arbitrary_style`."""
    store_model(tmp_path / "bentoml", write_arbitrary(tmp_path / "champion"), family=stylizer_champions.ARBITRARY)
    with serving(tmp_path / "bentoml") as service:
        page = browser.new_page()
        page.goto(f"{service.base_url}/#/paint")
        yield page
        page.close()


def test_without_learned_styles_the_readers_own_are_painted_in(without_fast: "Page", grey: Path, blue: Path) -> None:
    page = bring(without_fast, grey)
    expect(page.locator("#missing")).to_contain_text("fast_style has no champion yet")
    expect(page.locator("h2")).to_have_text("Now bring a style image.")
    expect(page.get_by_role("radio")).to_have_count(0)
    page.locator("#painting").set_input_files(blue)
    painted(page, "dusk", BLUE)


def models(*ready: str) -> "dict[str, list[dict[str, object]]]":
    """What GET /models would tell of a service with these champions."""
    families = (stylizer_champions.FAST, stylizer_champions.ARBITRARY)
    cards = {
        stylizer_champions.FAST: stylizer_champions.fast_card(),
        stylizer_champions.ARBITRARY: stylizer_champions.arbitrary_card(),
    }
    absent = {"version": None, "ready": False, "card": None}
    return {
        "models": [
            {"family": each, "version": "1", "ready": True, "reason": None, "card": cards[each].model_dump(mode="json")}
            if each in ready
            else {"family": each, "reason": f"{each} has no champion yet.", **absent}
            for each in families
        ]
    }


def test_without_the_model_for_own_styles_the_learned_ones_are_offered(open_page: Open, grey: Path) -> None:
    page = open_page()
    page.route("**/models", lambda route: route.fulfill(json=models(stylizer_champions.FAST)))
    page.get_by_role("link", name="Paint").click()
    bring(page, grey)
    painted(page, "ochre", between(GREY, COLOURS["ochre"]))
    expect(page.locator("#missing")).to_have_text("arbitrary_style has no champion yet.")
    expect(page.get_by_role("button", name="Your own style")).to_be_disabled()
    drop(page, "#styles")
    expect(page.get_by_role("status")).to_have_text("arbitrary_style has no champion yet.")


def test_without_any_champion_the_view_says_why(open_page: Open) -> None:
    page = open_page()
    page.route("**/models", lambda route: route.fulfill(json=models()))
    page.get_by_role("link", name="Paint").click()
    why = re.compile("fast_style has no champion.*arbitrary_style has no champion")
    expect(page.get_by_role("status")).to_have_text(why)
    for name in ("Open a photo", "Camera", "Save", "Your own style"):
        expect(page.get_by_role("button", name=name)).to_be_disabled()
    paste(page)
    expect(page.get_by_role("img", name="The photo")).to_be_visible()
    expect(page.locator("h2")).to_have_text("Not painted.")
    expect(page.get_by_role("status")).to_have_text(why)
