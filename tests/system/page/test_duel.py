"""The view of a duel in a real browser."""

from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import expect

from tests.helpers.pages import Open

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.system
Duel = dict[str, list[dict[str, object]]]


@pytest.fixture
def duel(service: httpx.Client) -> Duel:
    """Eight rounds. The classifier is right in some and wrong in others."""
    duels = (service.post("/duel", json={"seed": seed}).json() for seed in range(20))
    return next(duel for duel in duels if 0 < duel["score"] < 7)


def begin(page: "Page", duel: Duel) -> None:
    page.route("**/duel", lambda route: route.fulfill(json=duel))
    page.get_by_role("button", name="Begin").click()
    expect(page.locator("#choices")).to_be_visible()


def choose(page: "Page", name: str) -> None:
    page.locator("#choices").get_by_role("button", name=name, exact=True).click()


def test_eight_rounds_and_their_score(open_page: Open, duel: Duel) -> None:
    page = open_page(view="duel")
    begin(page, duel)
    you = classifier = 0
    for number, each in enumerate(duel["rounds"]):
        expect(page.locator("h2")).to_have_text("What is it?")
        assert str(each["guess"]) not in page.locator("#verdict").inner_text()
        right = number % 2 == 0
        choose(page, str(each["label"]) if right else "no idea")
        you, classifier = you + right, classifier + bool(each["agreed"])
        expect(page.locator("h2")).to_have_text(str(each["label"]).capitalize())
        expect(page.locator("#verdict")).to_contain_text(f"{each['guess']}, ")
        expect(page.locator("#verdict [data-correct]")).to_have_count(right + bool(each["agreed"]))
        expect(page.locator("#score .share")).to_have_text([str(you), str(classifier)])
        if number < 7:
            page.get_by_role("button", name="Next drawing").click()
    expect(page.locator("#below")).to_contain_text(
        "You won" if you > classifier else "draw" if you == classifier else "The classifier won"
    )
    page.get_by_role("button", name="Play again").click()
    expect(page.locator("#score .share")).to_have_text(["0", "0"])


def test_every_round_shows_another_drawing(open_page: Open, duel: Duel) -> None:
    page = open_page(view="duel")
    begin(page, duel)
    drawings = set()
    for _ in range(3):
        expect(page.locator("#choices")).to_be_visible()
        drawings.add(page.locator("#drawing").evaluate("c => c.toDataURL()"))
        choose(page, "no idea")
        page.get_by_role("button", name="Next drawing").click()
    assert len(drawings) == len({each["image"] for each in duel["rounds"][:3]})
    assert page.locator("#drawing").evaluate(
        "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(Boolean)"
    )


def test_the_keyboard_plays_and_the_verdict_is_announced(open_page: Open, duel: Duel) -> None:
    page = open_page(view="duel")
    page.route("**/duel", lambda route: route.fulfill(json=duel))
    expect(page.get_by_role("button", name="Begin")).to_be_enabled()
    page.get_by_role("button", name="Begin").press("Enter")
    first, second = duel["rounds"][:2]
    expect(page.locator("#choices button").first).to_be_focused()
    page.keyboard.press("3")  # envelope, house, no idea
    expect(page.locator("#announcer")).to_contain_text(
        f"It was meant to be {first['label']}. The classifier says {first['guess']}"
    )
    expect(page.locator("#verdict")).to_contain_text("no idea")
    expect(page.get_by_role("button", name="Next drawing")).to_be_focused()
    page.keyboard.press("3")  # has no effect now
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("h2")).to_have_text(str(second["label"]).capitalize())
    expect(page.locator("#verdict")).to_contain_text("Youhouse")


def test_an_error_is_shown_and_the_duel_can_begin_again(open_page: Open, duel: Duel) -> None:
    page = open_page(quiet=False, view="duel")
    page.route("**/duel", lambda route: route.fulfill(status=503, json={"error": "The duel would not be fair."}))
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("status")).to_have_text("The duel would not be fair.")
    page.unroute("**/duel")
    begin(page, duel)
    expect(page.locator("#notice")).to_be_hidden()
