"""Images of drawings that the user opens."""

from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.helpers.pages import Open, blank, draw, expect_guess

pytestmark = pytest.mark.system


def test_an_image_is_opened_shown_and_classified(open_page: Open, tmp_path: Path) -> None:
    image = Image.new("RGB", (500, 400), "white")
    ImageDraw.Draw(image).line((50, 50, 400, 300), fill="black", width=9)
    image.save(tmp_path / "line.png")
    page = open_page()
    page.locator("#file").set_input_files(tmp_path / "line.png")
    expect_guess(page)
    expect(page.locator("#below")).to_have_text("From an image")
    assert not blank(page)
    draw(page, (0.2, 0.2), (0.8, 0.8))  # the first stroke removes the image
    expect(page.locator("#below")).to_have_text("One stroke on paper")


def test_a_file_that_is_not_an_image_gets_the_services_message(open_page: Open, tmp_path: Path) -> None:
    (tmp_path / "notes.png").write_text("not an image")
    page = open_page(quiet=False)  # browsers log every 400
    page.locator("#file").set_input_files(tmp_path / "notes.png")
    expect(page.get_by_role("status")).to_contain_text("not an image")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#notice")).to_be_hidden()


def test_dropping_and_pasting_an_image(open_page: Open) -> None:
    page = open_page()
    for event in ("drop", "paste"):
        page.evaluate(
            """async (event) => {
              const canvas = new OffscreenCanvas(200, 200), pen = canvas.getContext("2d");
              pen.fillStyle = "white"; pen.fillRect(0, 0, 200, 200);
              pen.lineWidth = 8; pen.moveTo(20, 20); pen.lineTo(180, 150); pen.stroke();
              const data = new DataTransfer();
              data.items.add(new File([await canvas.convertToBlob()], "a.png", { type: "image/png" }));
              document.dispatchEvent(event === "drop"
                ? new DragEvent("drop", { dataTransfer: data, bubbles: true })
                : new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
            }""",
            event,
        )
        expect(page.locator("#below")).to_have_text("From an image")
        page.get_by_role("button", name="Clear").click()
        expect(page.locator("#below")).to_have_text("")
