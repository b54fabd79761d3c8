"""The page as a reader meets it: a real service, a real browser without a screen."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Response, expect

from tests.helpers.pages import Open, blank, draw, guessed
from tests.helpers.serving import serving

pytestmark = pytest.mark.system


MOVING = """async () => {
  const paper = document.getElementById("paper"), box = paper.getBoundingClientRect();
  const fire = (name, angle) => paper.dispatchEvent(new PointerEvent(name, {
    isPrimary: true, button: 0, bubbles: true,
    clientX: box.x + box.width * (0.5 + 0.3 * Math.cos(angle)),
    clientY: box.y + box.height * (0.5 + 0.3 * Math.sin(angle)),
  }));
  paper.setPointerCapture = () => {};  // works for real devices only
  const shown = new Set();
  fire("pointerdown", 0);
  for (let i = 1; i <= 1000 && shown.size < 3; i++) {
    await new Promise((done) => setTimeout(done, 16));
    fire("pointermove", i / 15 + i * i / 2e4);
    if (document.querySelector("h2[data-guess]")) shown.add(document.getElementById("guesses").textContent);
  }
  return shown.size;
}"""
"""Moves the pen every 16 ms, which a test's own mouse is too slow for, until it has seen three different guesses."""

LATE = """() => {
  const send = window.fetch;
  window.fetch = (path, options) => path !== "classify_drawing" ? send(path, options) : new Promise((resolve) => {
    window.answer = async () => {
      const response = await send(path, { ...options, signal: undefined });
      const content = await response.json();
      resolve({ ok: response.ok, status: response.status, headers: response.headers, json: async () => content });
      await new Promise((done) => setTimeout(done));
      return response.status;
    };
  });
}"""
"""Holds back the answer about a drawing until `answer()` is called, which returns once the page has handled it."""


def test_guesses_change_while_the_pen_moves(open_page: Open) -> None:
    page = open_page()
    assert page.evaluate(MOVING) == 3  # and the pen is still down
    assert page.locator("#guesses li:visible").count() == 5
    expect(page.locator("#medium")).to_have_text("One stroke on paper")


def test_the_last_guess_is_of_the_whole_drawing(open_page: Open) -> None:
    page = open_page()
    requests = []
    page.on("request", lambda request: "classify" in request.url and requests.append(request.post_data_json))
    end = pytest.approx((300, 900), abs=4)
    with page.expect_response(lambda response: "classify" in response.url and last_point(response) == end):
        draw(page, (0.2, 0.2), (0.8, 0.3), (0.3, 0.9))
    guessed(page)
    (stroke,) = requests[-1]["strokes"]
    assert (stroke[0][-1], stroke[1][-1]) == end


def last_point(response: Response) -> tuple[float, float]:
    """Where the drawing ends that the response is about."""
    *_, (x, y, *_) = response.request.post_data_json["strokes"]
    return x[-1], y[-1]


def test_undo_takes_back_one_stroke_and_clear_all(open_page: Open) -> None:
    page = open_page()
    draw(page, (0.2, 0.2), (0.8, 0.2))
    draw(page, (0.2, 0.8), (0.8, 0.8))
    expect(page.locator("#medium")).to_have_text("Two strokes on paper")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#medium")).to_have_text("One stroke on paper")
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    expect(page.locator("h2")).to_have_text("The model is watching.")
    assert blank(page)


def test_an_answer_that_comes_after_clearing_is_dropped(open_page: Open) -> None:
    page = open_page()
    page.evaluate(LATE)
    draw(page, (0.2, 0.2), (0.8, 0.8))
    page.wait_for_function("window.answer")
    page.get_by_role("button", name="Clear").click()
    assert page.evaluate("answer()") == 200
    expect(page.locator("h2")).to_have_text("The model is watching.")


def test_the_lineage_can_be_unfolded(open_page: Open) -> None:
    page = open_page()
    page.get_by_text("quickdraw_classifier v1", exact=True).click()
    expect(page.locator("#lineage dl")).to_contain_text("0.942")
    expect(page.locator("#lineage dl")).to_contain_text("CC BY 4.0")


def test_when_the_service_is_gone_the_drawing_is_kept_and_sent_again(open_page: Open) -> None:
    page = open_page(quiet=False)
    expect(page.locator("#lineage")).to_be_visible()
    page.route("**/classify_drawing", lambda route: route.abort())
    draw(page, (0.2, 0.2), (0.8, 0.8))
    expect(page.get_by_role("status")).to_contain_text("cannot be reached")
    page.unroute("**/classify_drawing")
    guessed(page)
    expect(page.locator("#notice")).to_be_hidden()


def test_without_a_champion_the_page_says_so(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path / "bentoml") as service:
        page = browser.new_page()
        page.goto(str(service.base_url))
        expect(page.get_by_role("status")).to_contain_text("no champion yet")
        draw(page, (0.2, 0.2), (0.8, 0.8))
        expect(page.get_by_role("status")).to_contain_text("no champion yet")
        page.close()
