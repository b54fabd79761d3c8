"""The page by keyboard, with a screen reader, on a phone, in dark colors and with reduced motion."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.helpers.pages import CONTRAST, Open, draw, expect_guess

pytestmark = pytest.mark.system


def test_drawing_with_the_keyboard(open_page: Open) -> None:
    page = open_page()
    page.locator("#pad").focus()
    page.keyboard.press("Space")
    expect(page.locator("#announcer")).to_have_text("Pen down")
    for key in ["ArrowRight"] * 6 + ["ArrowDown"] * 6 + ["Shift+ArrowLeft"] * 3:
        page.keyboard.press(key)
    page.keyboard.press("Space")
    expect_guess(page)
    expect(page.locator("#below")).to_have_text("One stroke on paper")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#below")).to_have_text("One stroke on paper")
    page.keyboard.press("Control+z")
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Delete")
    expect(page.get_by_role("button", name="Clear")).to_be_disabled()


def test_tab_reaches_everything_in_reading_order(open_page: Open) -> None:
    page = open_page()
    expect(page.locator(".lineage")).to_be_visible()
    draw(page, (0.2, 0.2), (0.8, 0.8))
    page.locator(".skip").focus()
    focused = []
    for _ in range(14):
        page.keyboard.press("Tab")
        focused.append(page.evaluate("document.activeElement.id || document.activeElement.innerText"))
        width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
        assert width >= 2, f"no visible focus on {focused[-1]}"
    views = ["Drawing", "Sketches", "Duel", "Paint", "Faces", "Photos"]
    assert focused[:13] == [*views, "another", "pad", "undo", "clear", "save", "open", "quickdraw_classifier v1"]


def test_the_guess_is_announced_once_after_the_last_stroke(open_page: Open) -> None:
    page = open_page()
    page.evaluate(
        "window.announced = []; new MutationObserver(() => announced.push(announcer.textContent))"
        ".observe(announcer, { childList: true })"
    )
    page.clock.install()
    page.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))
    for y, strokes in ((0.2, "One stroke"), (0.4, "Two strokes"), (0.6, "Three strokes")):
        draw(page, (0.2, y), (0.8, y))
        page.clock.run_for(300)
        expect(page.locator("#below")).to_have_text(f"{strokes} on paper")
    assert page.evaluate("announced") == []
    page.clock.run_for(2000)
    expect(page.locator("#announcer")).to_have_text(re.compile(r"^.+, <?\d+%$"))
    assert len(page.evaluate("announced")) == 1


def test_everything_has_an_accessible_name(open_page: Open) -> None:
    page = open_page()
    draw(page, (0.2, 0.2), (0.8, 0.8))
    expect(page.get_by_role("application", name="Drawing pad")).to_have_attribute("aria-describedby", "keys")
    expect(page.get_by_role("group", name="Drawing tools")).to_be_visible()
    expect(page.get_by_role("list", name="Most likely labels")).to_be_visible()
    expect(page.get_by_role("main")).to_be_visible()
    for element in page.locator("button:visible, a, summary, input:visible").all():
        assert (element.inner_text() or element.get_attribute("aria-label") or "").strip()
    assert page.locator("html").get_attribute("lang") == "en"


def test_the_link_of_the_current_view_is_marked(open_page: Open) -> None:
    page = open_page()
    current = page.locator("nav a[aria-current=page]")
    expect(current).to_have_text(["Drawing"])
    page.get_by_role("link", name="Duel").click()
    expect(current).to_have_text(["Duel"])
    expect(page.locator("nav a[aria-current]")).to_have_count(1)


def test_on_a_phone_a_finger_draws_and_the_page_does_not_scroll(open_page: Open) -> None:
    page = open_page(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    box = page.locator("#pad").bounding_box()
    assert box
    client = page.context.new_cdp_session(page)
    points = [{"x": box["x"] + 40 + 12 * i, "y": box["y"] + 40 + 8 * i} for i in range(15)]
    client.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points[:1]})
    for point in points[1:]:
        client.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect_guess(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate("scrollY") == 0
    for button in page.locator(".tools button").all():
        size = button.bounding_box()
        assert size
        assert size["height"] >= 44
    best_row = page.locator("#guesses li:first-child").bounding_box()
    assert best_row
    assert best_row["y"] + best_row["height"] < 740, "the best guess is below the fold"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_enough_contrast(open_page: Open, scheme: str) -> None:
    page = open_page(color_scheme=scheme)
    draw(page, (0.2, 0.2), (0.8, 0.8))
    expect_guess(page)
    texts = ["h2", "#below", ".share", "#another", ".page-footer", "summary"]
    assert min(page.evaluate(CONTRAST, texts)) >= 4.5


@pytest.mark.parametrize(("view", "drawing"), [("sketches", "#sheet canvas"), ("duel", "#drawing")])
def test_the_other_views_fit_on_a_phone_without_animations(open_page: Open, view: str, drawing: str) -> None:
    phone = {"width": 360, "height": 740}
    page = open_page(view=view, viewport=phone, has_touch=True, is_mobile=True, reduced_motion="reduce")
    if view == "duel":
        page.get_by_role("button", name="Begin").tap()
        expect(page.locator("#choices")).to_be_visible()
    expect(page.locator("h2")).to_have_attribute("data-guess", re.compile("."))
    assert page.locator(drawing).first.evaluate("c => c.getAnimations().length") == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    for target in page.locator("button:visible, nav a, .words label").all():
        size = target.bounding_box()
        assert size
        assert size["height"] >= 44, target.inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", ["sketches", "duel"])
def test_text_has_enough_contrast_in_the_other_views(open_page: Open, view: str, scheme: str) -> None:
    page = open_page(view=view, color_scheme=scheme)
    if view == "duel":
        page.get_by_role("button", name="Begin").click()
        page.locator("#choices").get_by_role("button", name="no idea").click()
    expect(page.locator("h2")).to_have_attribute("data-guess", re.compile("."))
    particular = [".words label", ".fields label"] if view == "sketches" else ["dd", ".heading p"]
    texts = ["nav a", "#above", "summary", *particular]
    assert min(page.evaluate(CONTRAST, texts)) >= 4.5


def test_reduced_motion_stops_all_animations(open_page: Open) -> None:
    page = open_page(reduced_motion="reduce")
    duration = "getComputedStyle(document.querySelector('.bar'), '::after').transitionDuration"
    assert page.evaluate(duration) in ("0s", "")
