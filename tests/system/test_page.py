"""The page as a reader meets it: a real service, a real browser without a screen."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.champions import LABELS, write_champion
from tests.serving import serving, store_model

pytestmark = pytest.mark.system
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("needs a browser: install the package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("page")
    store_model(folder / "bentoml", write_champion(folder / "champion"))
    with serving(folder / "bentoml") as client:
        yield str(client.base_url)


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Open]:
    """Open the page; afterwards nothing may have gone wrong in it, and no request may have left this machine."""
    contexts, problems, requests = [], [], []

    def open_page(quiet: bool = True, **options: object) -> Page:
        context = browser.new_context(**options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        if quiet:
            page.on("console", lambda message: message.type == "error" and problems.append(message.text))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []
    assert [url for url in requests if not url.startswith((address, "blob:", "data:"))] == []


def draw(page: Page, *points: tuple[float, float]) -> None:
    """One stroke with the mouse, in shares of the paper's side."""
    box = page.locator("#paper").bounding_box()
    assert box
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=8)
    page.mouse.up()


def best(page: Page) -> str:
    return page.locator("#guesses li:first-child .label").inner_text()


def guessed(page: Page) -> None:
    expect(page.locator("h2")).to_have_attribute("data-guess", re.compile("|".join(LABELS)))


def blank(page: Page) -> bool:
    """True when nothing is painted on the paper."""
    script = "c => !c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(Boolean)"
    return bool(page.locator("#paper").evaluate(script))


def test_guesses_change_while_drawing(open_page: Open) -> None:
    page = open_page()
    with page.expect_response("**/classify_drawing"):
        box = page.locator("#paper").bounding_box()
        assert box
        page.mouse.move(box["x"] + 50, box["y"] + 50)
        page.mouse.down()
        page.mouse.move(box["x"] + 200, box["y"] + 90, steps=10)
    guessed(page)  # the pen is still down
    shares = page.locator("#guesses .share").all_inner_texts()
    page.mouse.move(box["x"] + 100, box["y"] + 300, steps=10)
    page.mouse.up()
    expect(page.locator("#guesses .share").first).not_to_have_text("")
    shown = "[...document.querySelectorAll('#guesses .share')].map((share) => share.innerText).join()"
    page.wait_for_function(f"(before) => {shown} !== before", arg=",".join(shares))
    assert page.locator("#guesses li:visible").count() == 5
    expect(page.locator("#medium")).to_have_text("One stroke on paper")


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
    page.route("**/classify_drawing", lambda route: (page.wait_for_timeout(300), route.continue_()))
    draw(page, (0.2, 0.2), (0.8, 0.8))
    page.wait_for_timeout(100)
    page.get_by_role("button", name="Clear").click()
    page.wait_for_timeout(600)
    expect(page.locator("h2")).to_have_text("The model is watching.")


def test_the_keyboard_draws(open_page: Open) -> None:
    page = open_page()
    page.locator("#paper").focus()
    page.keyboard.press("Space")
    expect(page.locator("#announcer")).to_have_text("Pen down")
    for key in ["ArrowRight"] * 6 + ["ArrowDown"] * 6 + ["Shift+ArrowLeft"] * 3:
        page.keyboard.press(key)
    page.keyboard.press("Space")
    guessed(page)
    expect(page.locator("#medium")).to_have_text("One stroke on paper")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#medium")).to_have_text("One stroke on paper")
    page.keyboard.press("Control+z")
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Delete")
    expect(page.get_by_role("button", name="Clear")).to_be_disabled()


def test_tab_reaches_everything_in_reading_order(open_page: Open) -> None:
    page = open_page()
    expect(page.locator("#lineage")).to_be_visible()
    draw(page, (0.2, 0.2), (0.8, 0.8))
    page.locator(".skip").focus()
    seen = []
    for _ in range(8):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.id || document.activeElement.innerText"))
        width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
        assert width >= 2, f"no visible focus on {seen[-1]}"
    assert seen[:6] == ["another", "paper", "undo", "clear", "open", "quickdraw_classifier v1"]


def test_the_screen_reader_hears_the_guess_once_the_pen_rests(open_page: Open) -> None:
    page = open_page()
    page.evaluate(
        "window.heard = []; new MutationObserver(() => heard.push(announcer.textContent))"
        ".observe(announcer, { childList: true })"
    )
    for y in (0.2, 0.4, 0.6):
        draw(page, (0.2, y), (0.8, y))
    expect(page.locator("#announcer")).to_have_text(re.compile(r"^.+, <?\d+%$"))
    assert len(page.evaluate("heard")) == 1


def test_everything_has_an_accessible_name(open_page: Open) -> None:
    page = open_page()
    draw(page, (0.2, 0.2), (0.8, 0.8))
    expect(page.get_by_role("application", name="Paper")).to_have_attribute("aria-describedby", "keys")
    expect(page.get_by_role("toolbar", name="Drawing tools")).to_be_visible()
    expect(page.get_by_role("list", name="Likeliest labels")).to_be_visible()
    expect(page.get_by_role("main")).to_be_visible()
    for element in page.locator("button:visible, a, summary, input:visible").all():
        assert (element.inner_text() or element.get_attribute("aria-label") or "").strip()
    assert page.locator("html").get_attribute("lang") == "en"


def test_a_picture_is_opened_shown_and_guessed(open_page: Open, tmp_path: Path) -> None:
    image = Image.new("RGB", (500, 400), "white")
    ImageDraw.Draw(image).line((50, 50, 400, 300), fill="black", width=9)
    image.save(tmp_path / "line.png")
    page = open_page()
    page.locator("#file").set_input_files(tmp_path / "line.png")
    guessed(page)
    expect(page.locator("#medium")).to_have_text("From a picture")
    assert not blank(page)
    draw(page, (0.2, 0.2), (0.8, 0.8))  # the first stroke takes the picture away
    expect(page.locator("#medium")).to_have_text("One stroke on paper")


def test_a_file_that_is_no_picture_gets_the_services_sentence(open_page: Open, tmp_path: Path) -> None:
    (tmp_path / "notes.png").write_text("not a picture")
    page = open_page(quiet=False)  # browsers log every 400
    page.locator("#file").set_input_files(tmp_path / "notes.png")
    expect(page.get_by_role("status")).to_contain_text("not a picture")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#notice")).to_be_hidden()


def test_dropping_and_pasting_a_picture(open_page: Open) -> None:
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
        expect(page.locator("#medium")).to_have_text("From a picture")
        page.get_by_role("button", name="Clear").click()
        expect(page.locator("#medium")).to_have_text("")


def test_the_lineage_can_be_unfolded(open_page: Open) -> None:
    page = open_page()
    page.get_by_text("quickdraw_classifier v1", exact=True).click()
    expect(page.locator("#lineage dl")).to_contain_text("0.942")
    expect(page.locator("#lineage dl")).to_contain_text("CC BY 4.0")


def test_on_a_phone_a_finger_draws_and_nothing_scrolls_sideways(open_page: Open) -> None:
    page = open_page(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    box = page.locator("#paper").bounding_box()
    assert box
    client = page.context.new_cdp_session(page)
    points = [{"x": box["x"] + 40 + 12 * i, "y": box["y"] + 40 + 8 * i} for i in range(15)]
    client.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points[:1]})
    for point in points[1:]:
        client.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    guessed(page)
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
def test_text_stands_out_from_the_wall(open_page: Open, scheme: str) -> None:
    page = open_page(color_scheme=scheme)
    draw(page, (0.2, 0.2), (0.8, 0.8))
    guessed(page)
    contrast = page.evaluate(
        """() => {
          const light = (text) => {
            const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map((v) => v / 255)
              .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const wall = light(getComputedStyle(document.body).backgroundColor);
          return ["h2", "#medium", ".share", "#another", ".colophon", "summary"].map((name) => {
            const ink = light(getComputedStyle(document.querySelector(name)).color);
            return (Math.max(ink, wall) + 0.05) / (Math.min(ink, wall) + 0.05);
          });
        }"""
    )
    assert min(contrast) >= 4.5


def test_without_motion_nothing_moves(open_page: Open) -> None:
    page = open_page(reduced_motion="reduce")
    duration = "getComputedStyle(document.querySelector('.line'), '::after').transitionDuration"
    assert page.evaluate(duration) in ("0s", "")


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
