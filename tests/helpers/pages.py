"""What tests do in the page, and what they wait for."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tests.helpers.classifier_champion import LABELS

if TYPE_CHECKING:
    from playwright.sync_api import Page

Open = Callable[..., "Page"]
Color = tuple[float, float, float]

GREY = (100, 100, 100)
BLUE = (20, 40, 200)
"""Colors of a photo and of a style image."""
PAINTERS = 2
"""Number of champions that stand beside the styles: both CycleGAN families."""

CONTRAST = """(names) => {
  const luminance = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).slice(0, 3).map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = luminance(getComputedStyle(document.body).backgroundColor);
  return names.map((name) => {
    const text = luminance(getComputedStyle(document.querySelector(name)).color);
    return (Math.max(text, background) + 0.05) / (Math.min(text, background) + 0.05);
  });
}"""
"""Contrast between text and background for the first element of each selector (WCAG 2.2)."""

SHOWS_STYLIZED = """([style, color]) => {
  const image = document.querySelector("#before-after img + img");
  if (document.querySelector("h2").dataset.guess !== style || image.hidden || !image.naturalWidth) return false;
  const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
  context.drawImage(image, 0, 0, 1, 1);
  const shown = context.getImageData(0, 0, 1, 1).data;
  return color.every((level, i) => Math.abs(level - shown[i]) <= 4);
}"""

INSERT_FILE = """async ([event, selector, [red, green, blue]]) => {
  const canvas = new OffscreenCanvas(120, 90), context = canvas.getContext("2d");
  context.fillStyle = `rgb(${red} ${green} ${blue})`; context.fillRect(0, 0, 120, 90);
  const data = new DataTransfer();
  data.items.add(new File([await canvas.convertToBlob()], "inserted.png", { type: "image/png" }));
  const element = document.querySelector(selector);
  if (event === "paste") element.focus();
  element.dispatchEvent(event === "paste"
    ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true })
    : new DragEvent(event, { dataTransfer: data, bubbles: true }));
}"""


def draw(page: "Page", *points: tuple[float, float]) -> None:
    """Draw a stroke with the mouse. Coordinates are from 0 to 1."""
    box = page.locator("#pad").bounding_box()
    assert box
    positions = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*positions[0])
    page.mouse.down()
    for position in positions[1:]:
        page.mouse.move(*position, steps=8)
    page.mouse.up()


def expect_guess(page: "Page") -> None:
    """Wait for a guess."""
    from playwright.sync_api import expect

    expect(page.locator("h2")).to_have_attribute("data-guess", re.compile("|".join(LABELS)))


def blank(page: "Page") -> bool:
    """True if the drawing pad is empty."""
    script = "c => !c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(Boolean)"
    return bool(page.locator("#pad").evaluate(script))


def expect_painted(page: "Page", style: str, color: Sequence[float]) -> None:
    """Wait until the view Paint shows the photo in a style, with about this mean color."""
    page.wait_for_function(SHOWS_STYLIZED, arg=[style, list(color)])


def mix(one: Color, other: Color, share: float = 0.5) -> Color:
    """A mixture of two colors: `share` is that of the other."""
    red, green, blue = (a + share * (b - a) for a, b in zip(one, other, strict=True))
    return red, green, blue


def drop(page: "Page", selector: str = "body", color: Color = GREY) -> None:
    """Drop an image of one color, named `inserted`, on an element."""
    page.evaluate(INSERT_FILE, ["drop", selector, list(color)])


def paste(page: "Page", selector: str = "body", color: Color = GREY) -> None:
    """Paste such an image while an element has the focus."""
    page.evaluate(INSERT_FILE, ["paste", selector, list(color)])


def open_photo(page: "Page", photo: Path) -> "Page":
    """Choose a file as the photo in the view Paint."""
    page.locator("#file").set_input_files(photo)
    return page
