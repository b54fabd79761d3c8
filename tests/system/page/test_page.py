"""The view Drawing with a real service and a real browser."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, expect

from tests.helpers.pages import Open, blank, draw, expect_guess
from tests.helpers.serving import serving

if TYPE_CHECKING:
    from playwright.sync_api import Request, Route

pytestmark = pytest.mark.system


MOVING = """async () => {
  const pad = document.getElementById("pad"), box = pad.getBoundingClientRect();
  const fire = (name, angle) => pad.dispatchEvent(new PointerEvent(name, {
    isPrimary: true, button: 0, bubbles: true,
    clientX: box.x + box.width * (0.5 + 0.3 * Math.cos(angle)),
    clientY: box.y + box.height * (0.5 + 0.3 * Math.sin(angle)),
  }));
  pad.setPointerCapture = () => {};  // fails for synthetic events
  const shown = new Set();
  fire("pointerdown", 0);
  for (let i = 1; i <= 1000 && shown.size < 3; i++) {
    await new Promise((done) => setTimeout(done, 16));
    fire("pointermove", i / 15 + i * i / 2e4);
    if (document.querySelector("h2[data-guess]")) shown.add(document.getElementById("guesses").textContent);
  }
  return shown.size;
}"""
"""Moves the pen every 16 ms until there were three different guesses. Playwright's mouse is too slow for that."""


def test_guesses_change_while_the_pen_moves(open_page: Open) -> None:
    page = open_page()
    assert page.evaluate(MOVING) == 3  # while the pen is still down
    assert page.locator("#guesses li:visible").count() == 5
    expect(page.locator("#below")).to_have_text("One stroke on paper")


def test_the_last_guess_is_of_the_whole_drawing(open_page: Open) -> None:
    page = open_page()

    def has_the_last_point(request: "Request") -> bool:
        if "classify" not in request.url:
            return False
        (stroke,) = request.post_data_json["strokes"]
        return bool((stroke[0][-1], stroke[1][-1]) == pytest.approx((300, 900), abs=4))

    with page.expect_request(has_the_last_point):
        draw(page, (0.2, 0.2), (0.8, 0.3), (0.3, 0.9))
    expect_guess(page)


def test_undo_removes_one_stroke_and_clear_all(open_page: Open) -> None:
    page = open_page()
    draw(page, (0.2, 0.2), (0.8, 0.2))
    draw(page, (0.2, 0.8), (0.8, 0.8))
    expect(page.locator("#below")).to_have_text("Two strokes on paper")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#below")).to_have_text("One stroke on paper")
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    expect(page.locator("h2")).to_have_text("Waiting for a drawing.")
    assert blank(page)


def test_clearing_cancels_the_request(open_page: Open) -> None:
    page = open_page()
    held: list[Route] = []
    page.route("**/classify_drawing", lambda route: held.append(route))
    with page.expect_request("**/classify_drawing"):
        draw(page, (0.2, 0.2), (0.8, 0.8))
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/classify_drawing")):
        page.get_by_role("button", name="Clear").click()
    expect(page.locator("h2")).to_have_text("Waiting for a drawing.")
    assert len(held) == 1


def test_the_lineage_can_be_opened(open_page: Open) -> None:
    page = open_page()
    page.get_by_text("quickdraw_classifier v1", exact=True).click()
    expect(page.locator(".lineage dl")).to_contain_text("0.942")
    expect(page.locator(".lineage dl")).to_contain_text("CC BY 4.0")


def test_if_the_service_is_unreachable_the_drawing_is_kept_and_sent_again(open_page: Open) -> None:
    page = open_page(quiet=False)
    expect(page.locator(".lineage")).to_be_visible()
    page.route("**/classify_drawing", lambda route: route.abort())
    draw(page, (0.2, 0.2), (0.8, 0.8))
    expect(page.get_by_role("status")).to_contain_text("cannot be reached")
    page.unroute("**/classify_drawing")
    expect_guess(page)
    expect(page.locator("#notice")).to_be_hidden()


def test_without_a_champion_the_page_shows_the_reason(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path / "bentoml") as service:
        page = browser.new_page()
        page.goto(str(service.base_url))
        expect(page.get_by_role("status")).to_contain_text("no champion yet")
        draw(page, (0.2, 0.2), (0.8, 0.8))
        expect(page.get_by_role("status")).to_contain_text("no champion yet")
        page.close()
