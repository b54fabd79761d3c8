"""The view Paint in a real browser: styles, strength, saving, and errors."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.helpers.pages import BLUE, GREY, PAINTERS, Open, expect_painted, mix, open_photo
from tests.helpers.stylizer_champions import COLORS

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = pytest.mark.system


def slide(page: "Page", percent: int) -> None:
    page.get_by_role("slider", name="Strength").fill(str(percent))


def test_a_photo_is_painted_in_the_first_style_and_then_in_others(open_page: Open, grey: Path) -> None:
    page = open_photo(open_page(view="paint"), grey)
    expect_painted(page, "ochre", mix(GREY, COLORS["ochre"]))
    expect(page.locator("#above")).to_have_text("In the style of")
    expect(page.locator("#below")).to_have_text("300 × 200 pixels")
    expect(page.locator(".lineage summary")).to_have_text("fast_style v1")
    expect(page.locator("#announcer")).to_have_text("Painted in the style of ochre")
    page.get_by_role("radio", name="sea").check()
    expect_painted(page, "sea", mix(GREY, COLORS["sea"]))
    page.keyboard.press("ArrowRight")
    expect_painted(page, "night", mix(GREY, COLORS["night"]))
    expect(page.get_by_role("group", name="Style", exact=True)).to_be_visible()


def test_every_style_has_a_thumbnail(open_page: Open) -> None:
    page = open_page(view="paint")
    expect(page.get_by_role("radio")).to_have_count(len(COLORS) + PAINTERS)
    addresses = page.locator(".tile img").evaluate_all("images => images.map((image) => image.src)")
    assert [address.split(";")[0] for address in addresses] == ["data:image/webp"] * len(COLORS)


def test_the_users_own_style_can_be_chosen(open_page: Open, grey: Path, blue: Path) -> None:
    page = open_photo(open_page(view="paint"), grey)
    page.locator("#style-file").set_input_files(blue)
    expect_painted(page, "dusk", BLUE)
    expect(page.get_by_role("radio", name="dusk")).to_be_checked()
    expect(page.locator(".lineage summary")).to_have_text("arbitrary_style v1")
    page.get_by_role("radio", name="sea").check()
    expect_painted(page, "sea", mix(GREY, COLORS["sea"]))
    page.get_by_role("radio", name="dusk").check()
    expect_painted(page, "dusk", BLUE)
    slide(page, 50)
    expect_painted(page, "dusk", mix(GREY, BLUE))


def test_strength_goes_from_the_photo_to_the_full_style(open_page: Open, grey: Path) -> None:
    page = open_photo(open_page(view="paint"), grey)
    full = mix(GREY, COLORS["ochre"])
    expect_painted(page, "ochre", full)
    page.get_by_role("slider", name="Strength").focus()
    page.keyboard.press("Home")
    expect(page.locator("#percent")).to_have_text("0 %")
    expect_painted(page, "ochre", GREY)
    slide(page, 40)
    expect(page.locator("#percent")).to_have_text("40 %")
    expect_painted(page, "ochre", mix(GREY, full, 0.4))


def test_the_photos_colours_can_be_kept(open_page: Open, grey: Path) -> None:
    page = open_photo(open_page(view="paint"), grey)
    page.get_by_label("Keep the photo’s colours").check()
    red, green, blue = mix(GREY, COLORS["ochre"])
    luminance = 0.299 * red + 0.587 * green + 0.114 * blue
    expect_painted(page, "ochre", (luminance, luminance, luminance))


def test_one_request_is_sent_at_a_time_and_then_only_the_last_one(open_page: Open, grey: Path) -> None:
    page = open_page(view="paint")
    held: list[Route] = []
    page.route("**/stylize", lambda route: held.append(route))
    with page.expect_request("**/stylize"):
        open_photo(page, grey)
    expect(page.get_by_role("progressbar", name="Painting")).to_be_visible()
    expect(page.locator("#above")).to_have_text("Painting …")
    for percent in (80, 60, 40, 0):
        slide(page, percent)
    page.get_by_role("radio", name="night").check()
    assert len(held) == 1
    with page.expect_request("**/stylize"):
        held[0].continue_()
    expect(page.locator("h2")).to_have_attribute("data-guess", "ochre")
    assert len(held) == 2
    held[1].continue_()
    expect_painted(page, "night", GREY)
    expect(page.get_by_role("progressbar")).to_be_hidden()
    assert len(held) == 2


def test_the_saved_image_is_the_one_that_is_shown_and_named_after_its_style(open_page: Open, grey: Path) -> None:
    page = open_page(view="paint")
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    open_photo(page, grey)
    colour = mix(GREY, COLORS["ochre"])
    expect_painted(page, "ochre", colour)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save").click()
    assert saved.value.suggested_filename == "wall as ochre.jpg"
    image = Image.open(io.BytesIO(Path(saved.value.path()).read_bytes()))
    assert (image.format, image.size) == ("JPEG", (300, 200))
    assert image.resize((1, 1)).getpixel((0, 0)) == pytest.approx(colour, abs=4)


def test_an_unreachable_service_is_reported_and_the_request_repeated(open_page: Open, grey: Path) -> None:
    page = open_page(quiet=False, view="paint")
    expect(page.get_by_role("radio", name="ochre")).to_be_checked()
    page.route("**/stylize", lambda route: route.abort())
    open_photo(page, grey)
    expect(page.get_by_role("status")).to_have_text("The service cannot be reached. Your photo is kept and sent again.")
    page.unroute("**/stylize")
    expect_painted(page, "ochre", mix(GREY, COLORS["ochre"]))
    expect(page.locator("#notice")).to_be_hidden()


def test_an_error_message_of_the_service_is_shown(open_page: Open, tmp_path: Path) -> None:
    Image.new("RGB", (300, 20)).save(tmp_path / "strip.png")
    page = open_photo(open_page(quiet=False, view="paint"), tmp_path / "strip.png")  # browsers log every 400
    expect(page.get_by_role("status")).to_contain_text("300 x 20 pixels, and each side needs at least 32")
    expect(page.locator("h2")).to_have_text("Not painted.")


def test_photo_style_and_settings_are_kept_while_another_view_is_shown(open_page: Open, grey: Path) -> None:
    page = open_page(view="paint")
    page.locator("#style-file").set_input_files(grey)
    open_photo(page, grey)
    expect_painted(page, "wall", GREY)
    page.locator("#colours").check()
    page.get_by_role("link", name="Duel").click()
    expect(page.locator("#go")).to_be_visible()
    page.get_by_role("link", name="Paint").click()
    expect_painted(page, "wall", GREY)
    expect(page.locator("#colours")).to_be_checked()
    expect(page.get_by_role("radio", name="wall")).to_be_checked()
    expect(page.get_by_role("button", name="Save")).to_be_enabled()


def test_a_request_that_is_refused_twice_is_explained_and_sent_again(open_page: Open, grey: Path) -> None:
    page = open_page(view="paint", quiet=False)
    refusals = iter([429, 429])

    def refuse(route: "Route") -> None:
        status = next(refusals, None)
        route.fulfill(status=status, json={"error": "busy"}) if status else route.continue_()

    page.route("**/stylize", refuse)
    open_photo(page, grey)
    expect(page.locator("#notice")).to_contain_text("Trying again")
    expect(page.get_by_role("button", name="Save")).to_be_enabled(timeout=20_000)
