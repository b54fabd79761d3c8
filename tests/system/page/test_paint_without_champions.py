"""The view Paint, if the service does not have all champions."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.helpers import stylizer_champions
from tests.helpers.image_files import encode
from tests.helpers.pages import BLUE, GREY, Open, drop, expect_painted, mix, open_photo, paste
from tests.helpers.serving import serving, store_model
from tests.helpers.stylizer_champions import COLORS, write_arbitrary
from tests.helpers.translator_champions import RESNET, UNET, translator_card

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = pytest.mark.system


@pytest.fixture
def without_fast(browser: Browser, tmp_path: Path) -> "Iterator[Page]":
    """The view of a service whose only champion is of `arbitrary_style`."""
    store_model(tmp_path / "bentoml", write_arbitrary(tmp_path / "champion"), family=stylizer_champions.ARBITRARY)
    with serving(tmp_path / "bentoml") as service:
        page = browser.new_page()
        page.goto(f"{service.base_url}/#/paint")
        yield page
        page.close()


def test_without_fast_style_own_styles_can_be_used(without_fast: "Page", grey: Path, blue: Path) -> None:
    page = open_photo(without_fast, grey)
    expect(page.locator("#missing")).to_contain_text("fast_style has no champion yet")
    expect(page.locator("h2")).to_have_text("Now add a style image.")
    expect(page.get_by_role("radio")).to_have_count(0)
    page.locator("#style-file").set_input_files(blue)
    expect_painted(page, "dusk", BLUE)


def models(*ready: str) -> "dict[str, list[dict[str, object]]]":
    """The response of GET /models with these champions."""
    cards = {
        stylizer_champions.FAST: stylizer_champions.fast_card(),
        stylizer_champions.ARBITRARY: stylizer_champions.arbitrary_card(),
        RESNET: translator_card(RESNET),
        UNET: translator_card(UNET),
    }
    missing = {"version": None, "ready": False, "card": None}
    return {
        "models": [
            {"family": each, "version": "1", "ready": True, "reason": None, "card": cards[each].model_dump(mode="json")}
            if each in ready
            else {"family": each, "reason": f"{each} has no champion yet.", **missing}
            for each in cards
        ]
    }


def test_without_arbitrary_style_the_known_styles_can_be_used(open_page: Open, grey: Path) -> None:
    page = open_page()
    page.route("**/models", lambda route: route.fulfill(json=models(stylizer_champions.FAST)))
    page.get_by_role("link", name="Paint").click()
    open_photo(page, grey)
    expect_painted(page, "ochre", mix(GREY, COLORS["ochre"]))
    reasons = " ".join(f"{each} has no champion yet." for each in (stylizer_champions.ARBITRARY, RESNET, UNET))
    expect(page.locator("#missing")).to_have_text(reasons)
    expect(page.get_by_role("button", name="Your own style")).to_be_disabled()
    drop(page, "#styles")
    expect(page.get_by_role("status")).to_have_text(reasons)


def test_without_any_champion_the_view_shows_the_reasons(open_page: Open) -> None:
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


def test_painters_stand_beside_the_styles(open_page: Open, grey: Path, tmp_path: Path) -> None:
    """The service of this test has no CycleGAN: its answers are given here."""
    page = open_page()
    sent: list[str] = []

    def answer(route: "Route") -> None:
        sent.append(str(route.request.post_data_buffer))
        headers = {"Atelier-Family": UNET, "Atelier-Version": "1", "Content-Type": "image/png"}
        route.fulfill(body=encode(Image.new("RGB", (300, 200), BLUE), "PNG"), headers=headers)

    page.route("**/models", lambda route: route.fulfill(json=models(stylizer_champions.FAST, RESNET, UNET)))
    page.route("**/paint", answer)
    page.get_by_role("link", name="Paint").click()
    open_photo(page, grey)
    expect_painted(page, "ochre", mix(GREY, COLORS["ochre"]))
    expect(page.get_by_role("radio", name="Van Gogh, residual")).to_be_visible()
    page.get_by_role("radio", name="Van Gogh, U-Net").check()
    expect_painted(page, "Van Gogh, U-Net", BLUE)
    expect(page.locator(".lineage summary")).to_have_text("cyclegan_unet v1")
    assert "unet" in sent[-1]
    assert "strength" in sent[-1]
    page.get_by_role("radio", name="sea").check()
    expect_painted(page, "sea", mix(GREY, COLORS["sea"]))
