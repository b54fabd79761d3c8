"""Photos become paintings, in a real browser: styles, strength, saving, and what can go wrong."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.helpers.pages import BLUE, GREY, Open, between, bring, painted
from tests.helpers.stylizer_champions import COLOURS

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request, Route

pytestmark = pytest.mark.system


def slide(page: "Page", percent: int) -> None:
    page.get_by_role("slider", name="Strength").fill(str(percent))


def test_a_photo_is_painted_in_the_first_style_and_then_in_others(open_page: Open, grey: Path) -> None:
    page = bring(open_page(view="paint"), grey)
    painted(page, "ochre", between(GREY, COLOURS["ochre"]))
    expect(page.locator("#sure")).to_have_text("In the style of")
    expect(page.locator("#medium")).to_have_text("300 × 200 pixels")
    expect(page.locator("#lineage summary")).to_have_text("fast_style v1")
    expect(page.locator("#announcer")).to_have_text("Painted in the style of ochre")
    page.get_by_role("radio", name="sea").check()
    painted(page, "sea", between(GREY, COLOURS["sea"]))
    page.keyboard.press("ArrowRight")
    painted(page, "night", between(GREY, COLOURS["night"]))
    expect(page.get_by_role("group", name="Style", exact=True)).to_be_visible()


def test_every_style_shows_what_it_looks_like(open_page: Open) -> None:
    page = open_page(view="paint")
    expect(page.get_by_role("radio")).to_have_count(len(COLOURS))
    addresses = page.locator(".tile img").evaluate_all("images => images.map((image) => image.src)")
    assert [address.split(";")[0] for address in addresses] == ["data:image/webp"] * len(COLOURS)


def test_the_readers_own_style_is_one_more_to_choose_from(open_page: Open, grey: Path, blue: Path) -> None:
    page = bring(open_page(view="paint"), grey)
    page.locator("#painting").set_input_files(blue)
    painted(page, "dusk", BLUE)
    expect(page.get_by_role("radio", name="dusk")).to_be_checked()
    expect(page.locator("#lineage summary")).to_have_text("arbitrary_style v1")
    page.get_by_role("radio", name="sea").check()
    painted(page, "sea", between(GREY, COLOURS["sea"]))
    page.get_by_role("radio", name="dusk").check()
    painted(page, "dusk", BLUE)
    slide(page, 50)
    painted(page, "dusk", between(GREY, BLUE))


def test_strength_goes_from_the_photo_to_the_whole_style(open_page: Open, grey: Path) -> None:
    page = bring(open_page(view="paint"), grey)
    whole = between(GREY, COLOURS["ochre"])
    painted(page, "ochre", whole)
    page.get_by_role("slider", name="Strength").focus()
    page.keyboard.press("Home")
    expect(page.locator("#percent")).to_have_text("0 %")
    painted(page, "ochre", GREY)
    slide(page, 40)
    expect(page.locator("#percent")).to_have_text("40 %")
    painted(page, "ochre", between(GREY, whole, 0.4))


def test_the_photos_colours_can_be_kept(open_page: Open, grey: Path) -> None:
    page = bring(open_page(view="paint"), grey)
    page.get_by_label("Keep the photo’s colours").check()
    red, green, blue = between(GREY, COLOURS["ochre"])
    luminance = 0.299 * red + 0.587 * green + 0.114 * blue
    painted(page, "ochre", (luminance, luminance, luminance))


def test_one_painting_is_under_way_at_a_time_and_the_newest_question_wins(open_page: Open, grey: Path) -> None:
    page = open_page(view="paint")
    held: list[Route] = []
    page.route("**/stylize", lambda route: held.append(route))
    with page.expect_request("**/stylize"):
        bring(page, grey)
    expect(page.get_by_role("progressbar", name="Painting")).to_be_visible()
    expect(page.locator("#sure")).to_have_text("Painting …")
    for percent in (80, 60, 40, 0):
        slide(page, percent)
    page.get_by_role("radio", name="night").check()
    assert len(held) == 1
    with page.expect_request("**/stylize"):
        held[0].continue_()
    expect(page.locator("h2")).to_have_attribute("data-guess", "ochre")
    assert len(held) == 2
    held[1].continue_()
    painted(page, "night", GREY)
    expect(page.get_by_role("progressbar")).to_be_hidden()
    assert len(held) == 2


def test_the_saved_painting_is_the_one_that_is_seen_and_named_after_its_style(open_page: Open, grey: Path) -> None:
    page = open_page(view="paint")
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    bring(page, grey)
    colour = between(GREY, COLOURS["ochre"])
    painted(page, "ochre", colour)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save").click()
    assert saved.value.suggested_filename == "wall as ochre.jpg"
    picture = Image.open(io.BytesIO(Path(saved.value.path()).read_bytes()))
    assert (picture.format, picture.size) == ("JPEG", (300, 200))
    assert picture.resize((1, 1)).getpixel((0, 0)) == pytest.approx(colour, abs=4)


def test_a_service_that_is_gone_is_told_and_asked_again(open_page: Open, grey: Path) -> None:
    page = open_page(quiet=False, view="paint")
    expect(page.get_by_role("radio", name="ochre")).to_be_checked()
    page.route("**/stylize", lambda route: route.abort())
    bring(page, grey)
    expect(page.get_by_role("status")).to_have_text("The service cannot be reached. Your photo is kept and sent again.")
    page.unroute("**/stylize")
    painted(page, "ochre", between(GREY, COLOURS["ochre"]))
    expect(page.locator("#notice")).to_be_hidden()


def test_what_the_service_refuses_is_told_in_its_words(open_page: Open, tmp_path: Path) -> None:
    Image.new("RGB", (300, 20)).save(tmp_path / "strip.png")
    page = bring(open_page(quiet=False, view="paint"), tmp_path / "strip.png")  # browsers log every 400
    expect(page.get_by_role("status")).to_contain_text("300 x 20 pixels, and each side needs at least 32")
    expect(page.locator("h2")).to_have_text("Not painted.")


def test_leaving_the_view_aborts_what_is_under_way_and_forgets_the_pictures(open_page: Open, grey: Path) -> None:
    page = open_page(view="duel")
    page.evaluate(
        """() => {
          window.kept = new Set();
          const { createObjectURL, revokeObjectURL } = URL;
          URL.createObjectURL = (blob) => { const url = createObjectURL(blob); kept.add(url); return url; };
          URL.revokeObjectURL = (url) => { kept.delete(url); revokeObjectURL(url); };
        }"""
    )
    page.get_by_role("link", name="Paint").click()
    page.locator("#painting").set_input_files(grey)
    bring(page, grey)
    painted(page, "wall", GREY)
    assert page.evaluate("kept.size") == 3  # photo, painting, style
    page.route("**/stylize", lambda route: None)
    with page.expect_request("**/stylize"):
        page.get_by_role("radio", name="sea").check()

    def asked_for_a_painting(request: "Request") -> bool:
        return request.url.endswith("/stylize")

    with page.expect_event("requestfailed", asked_for_a_painting):
        page.get_by_role("link", name="Duel").click()
    assert page.evaluate("kept.size") == 0
