"""The view Photos in a real browser: one and many photos, one that the model does not know, and files that are none."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.helpers.image_files import encode
from tests.helpers.pages import BLUE, CONTRAST, Open, drop

pytestmark = pytest.mark.system

COLORS = {"red": (230, 20, 30), "green": (20, 220, 40), "blue": (20, 30, 230), "grey": (128, 127, 126)}


@pytest.fixture
def photos(tmp_path: Path) -> dict[str, Path]:
    """Name of the color → a photo of it."""
    found = {name: tmp_path / f"{name}.jpg" for name in COLORS}
    for name, color in COLORS.items():
        found[name].write_bytes(encode(Image.new("RGB", (120, 90), color)))
    return found


def test_a_photo_gets_a_label_with_bars(open_page: Open, photos: dict[str, Path]) -> None:
    page = open_page(view="photos")
    page.locator("#file").set_input_files(photos["red"])
    expect(page.locator("h2")).to_have_text("Red")
    expect(page.locator("#above")).to_have_text("Surely")
    rows = page.locator("#guesses li:visible")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("red")
    expect(page.locator(".lineage summary")).to_have_text("photo_classifier v1")
    expect(page.locator("#announcer")).to_contain_text("Red")


def test_many_photos_are_sent_in_several_requests_and_each_can_be_looked_at(
    open_page: Open, photos: dict[str, Path], tmp_path: Path
) -> None:
    page = open_page(view="photos")
    requests = []
    page.on("request", lambda request: requests.append(request.url) if "classify_photo" in request.url else None)
    files = []
    for number in range(10):
        name = ("red", "green", "blue")[number % 3]
        files.append(tmp_path / f"{number}_{name}.jpg")
        files[-1].write_bytes(photos[name].read_bytes())
    page.locator("#file").set_input_files(files)
    expect(page.locator("#photos button img[alt$=': red']")).to_have_count(4)
    expect(page.locator("#photos button img[alt$=': blue']")).to_have_count(3)
    assert len(requests) == 2
    page.locator("#photos button").nth(8).click()
    expect(page.locator("h2")).to_have_text("Blue")
    expect(page.locator("#photos button").nth(8)).to_have_attribute("aria-pressed", "true")
    page.locator("#clear").click()
    expect(page.locator("#photos button")).to_have_count(0)
    expect(page.locator("h2")).to_have_text("Waiting for a photo.")


def test_a_photo_of_no_class_is_not_named(open_page: Open, photos: dict[str, Path]) -> None:
    page = open_page(view="photos")
    page.locator("#file").set_input_files(photos["grey"])
    expect(page.locator("h2")).to_have_text("I don’t know this one.")
    expect(page.locator("#below")).to_contain_text("not sure")


def test_a_dropped_photo_is_classified(open_page: Open) -> None:
    page = open_page(view="photos")
    drop(page, "#sheet", BLUE)
    expect(page.locator("h2")).to_have_text("Blue")


def test_a_file_that_is_no_photo_is_an_error_and_the_others_are_classified(
    open_page: Open, photos: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "notes.jpg").write_bytes(b"no image")
    page = open_page(view="photos")
    page.locator("#file").set_input_files([tmp_path / "notes.jpg", photos["green"]])
    expect(page.locator("#notice")).to_contain_text("notes.jpg cannot be opened as an image")
    expect(page.locator("h2")).to_have_text("Green")


def test_text_has_enough_contrast_in_light_and_dark(open_page: Open, photos: dict[str, Path]) -> None:
    page = open_page(view="photos")
    page.locator("#file").set_input_files(photos["red"])
    expect(page.locator("h2")).to_have_text("Red")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert min(page.evaluate(CONTRAST, ["h1", "h2", "#guesses .name", "#above"])) >= 4.5
