"""The page's paper under a test's mouse, and what the page shows."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.champions import LABELS

if TYPE_CHECKING:
    from playwright.sync_api import Page

Open = Callable[..., "Page"]


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
