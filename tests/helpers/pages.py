"""The page's paper under a test's mouse, and what the page shows."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tests.helpers.classifier_champion import LABELS

if TYPE_CHECKING:
    from playwright.sync_api import Page

Open = Callable[..., "Page"]
Colour = tuple[float, float, float]

GREY = (100, 100, 100)
BLUE = (20, 40, 200)
"""Of the photo and of the style image that are brought."""

CONTRAST = """(names) => {
  const light = (text) => {
    const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const wall = light(getComputedStyle(document.body).backgroundColor);
  return names.map((name) => {
    const ink = light(getComputedStyle(document.querySelector(name)).color);
    return (Math.max(ink, wall) + 0.05) / (Math.min(ink, wall) + 0.05);
  });
}"""
"""Contrast of the first element of each selector with the wall (WCAG 2.2)."""

PAINTED = """([style, colour]) => {
  const image = document.querySelector("#compare img + img");
  if (document.querySelector("h2").dataset.guess !== style || image.hidden || !image.naturalWidth) return false;
  const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
  pen.drawImage(image, 0, 0, 1, 1);
  const seen = pen.getImageData(0, 0, 1, 1).data;
  return colour.every((level, i) => Math.abs(level - seen[i]) <= 4);
}"""

BRING = """async ([event, place, [red, green, blue]]) => {
  const canvas = new OffscreenCanvas(120, 90), pen = canvas.getContext("2d");
  pen.fillStyle = `rgb(${red} ${green} ${blue})`; pen.fillRect(0, 0, 120, 90);
  const data = new DataTransfer();
  data.items.add(new File([await canvas.convertToBlob()], "brought.png", { type: "image/png" }));
  const element = document.querySelector(place);
  if (event === "paste") element.focus();
  element.dispatchEvent(event === "paste"
    ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true })
    : new DragEvent(event, { dataTransfer: data, bubbles: true }));
}"""


def draw(page: "Page", *points: tuple[float, float]) -> None:
    """One stroke with the mouse, in shares of the paper's side."""
    box = page.locator("#paper").bounding_box()
    assert box
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=8)
    page.mouse.up()


def guessed(page: "Page") -> None:
    """Wait for a guess."""
    from playwright.sync_api import expect

    expect(page.locator("h2")).to_have_attribute("data-guess", re.compile("|".join(LABELS)))


def blank(page: "Page") -> bool:
    """True when nothing is painted on the paper."""
    script = "c => !c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(Boolean)"
    return bool(page.locator("#paper").evaluate(script))


def painted(page: "Page", style: str, colour: Sequence[float]) -> None:
    """Wait until the view Paint shows a painting in a style, its mean colour about this one."""
    page.wait_for_function(PAINTED, arg=[style, list(colour)])


def between(one: Colour, other: Colour, share: float = 0.5) -> Colour:
    """`share` of the way from one colour to the other."""
    red, green, blue = (a + share * (b - a) for a, b in zip(one, other, strict=True))
    return red, green, blue


def drop(page: "Page", place: str = "body", colour: Colour = GREY) -> None:
    """Drop a picture of one colour, named `brought`, on an element."""
    page.evaluate(BRING, ["drop", place, list(colour)])


def paste(page: "Page", place: str = "body", colour: Colour = GREY) -> None:
    """Paste such a picture while an element has the focus."""
    page.evaluate(BRING, ["paste", place, list(colour)])


def bring(page: "Page", photo: Path) -> "Page":
    page.locator("#file").set_input_files(photo)
    return page
