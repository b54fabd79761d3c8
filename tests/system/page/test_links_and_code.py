"""What the address of the page carries, and the code for what a view has just done."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.pages import GREY, Open, draw, expect_guess, expect_painted, mix, open_photo
from tests.helpers.stylizer_champions import COLORS

pytestmark = pytest.mark.system


def params(page: "Page") -> dict[str, str]:
    """What the address carries."""
    return {name: values[0] for name, values in parse_qs(page.url.partition("?")[2]).items()}


def code(page: "Page", language: str) -> str:
    page.locator("#code summary").click()
    return page.locator("pre", has_text="requests" if language == "Python" else "curl").inner_text()


def drawn(page: "Page") -> str:
    """The pixels of the sketches; waits until the last one has faded in."""
    page.wait_for_function("() => !document.getAnimations().length")
    return str(page.evaluate("[...document.querySelectorAll('#sheet canvas')].map((c) => c.toDataURL()).join()"))


def test_a_link_leads_to_the_same_sketches(open_page: Open) -> None:
    first = open_page(view="sketches?label=sun&seed=7&count=4", reduced_motion="reduce")
    expect(first.get_by_role("img", name="4 sketches of: sun")).to_be_visible()
    expect(first.locator("#seed")).to_have_value("7")
    again = open_page(view=first.url.partition("#/")[2], reduced_motion="reduce")
    expect(again.get_by_role("img", name="4 sketches of: sun")).to_be_visible()
    assert drawn(again) == drawn(first)


def test_seed_and_count_can_be_chosen_and_are_in_the_address(open_page: Open) -> None:
    page = open_page(view="sketches?label=sun&seed=7")
    expect(page.get_by_role("img", name="16 sketches of: sun")).to_be_visible()
    page.locator("#count").select_option("9")
    expect(page.get_by_role("img", name="9 sketches of: sun")).to_be_visible()
    page.locator("#seed").fill("12")
    page.locator("#seed").press("Enter")
    page.wait_for_url(re.compile("seed=12"))
    assert params(page) == {"label": "sun", "seed": "12", "count": "9"}
    page.locator("#seed").fill("none")
    page.locator("#seed").press("Enter")
    expect(page.locator("#seed")).to_have_value("12")


@pytest.mark.parametrize("query", ["label=unicorn&seed=-1&count=5000", "seed=99999999999", "x=1"])
def test_a_link_with_wrong_values_leads_to_sketches_all_the_same(open_page: Open, query: str) -> None:
    page = open_page(view=f"sketches?{query}")
    expect(page.get_by_role("img", name="16 sketches of")).to_be_visible()


def test_a_link_leads_to_the_same_duel(open_page: Open) -> None:
    page = open_page(view="duel?seed=5")
    expect(page.locator("#choices")).to_be_visible()
    assert params(page) == {"seed": "5"}


def test_a_link_to_a_painted_example_carries_style_strength_and_colours(open_page: Open) -> None:
    page = open_page(view="paint")
    page.get_by_role("button", name="Example: autumn").click()
    expect(page.locator("h2")).to_have_attribute("data-guess", "ochre")
    page.get_by_role("radio", name="sea").check()
    page.get_by_role("slider", name="Strength").fill("40")
    page.get_by_label("Keep the photo’s colours").check()
    assert params(page) == {"photo": "autumn", "style": "sea", "strength": "40", "colours": "kept"}
    other = open_page(view=page.url.partition("#/")[2])
    expect(other.locator("h2")).to_have_attribute("data-guess", "sea")
    expect(other.locator("#percent")).to_have_text("40 %")
    expect(other.locator("#colours")).to_be_checked()


def test_the_address_of_a_view_comes_back_with_it(open_page: Open) -> None:
    page = open_page(view="sketches?label=sun&seed=7&count=4")
    expect(page.get_by_role("img", name="4 sketches of: sun")).to_be_visible()
    page.get_by_role("link", name="Duel").click()
    expect(page.get_by_role("button", name="Begin")).to_be_visible()
    page.get_by_role("link", name="Sketches").click()
    expect(page.get_by_role("img", name="4 sketches of: sun")).to_be_visible()
    assert params(page) == {"label": "sun", "seed": "7", "count": "4"}


def test_every_view_keeps_what_it_shows(open_page: Open, grey: Path) -> None:
    page = open_page()
    draw(page, (0.2, 0.2), (0.8, 0.8))
    expect_guess(page)
    page.get_by_role("link", name="Photos").click()
    expect(page.locator("#photos")).to_be_attached()  # the view before has a #file of its own
    page.locator("#file").set_input_files(grey)
    expect(page.locator("#photos button")).to_have_count(1)
    page.get_by_role("link", name="Models").click()
    expect(page.get_by_role("heading", name="Models")).to_be_visible()
    page.get_by_role("link", name="Photos").click()
    expect(page.locator("#photos button")).to_have_count(1)
    page.get_by_role("link", name="Drawing").click()
    expect(page.locator("#below")).to_have_text("One stroke on paper")


def test_a_drawing_is_saved_under_the_name_of_its_label(open_page: Open) -> None:
    page = open_page(color_scheme="dark")
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    draw(page, (0.2, 0.2), (0.8, 0.8))
    expect_guess(page)
    label = page.locator("h2").get_attribute("data-guess")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save").click()
    assert saved.value.suggested_filename == f"drawing of {label}.png"
    assert Path(saved.value.path()).read_bytes().startswith(b"\x89PNG")


def run(command: str, folder: Path) -> str:
    done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("language", ["curl", "Python"])
def test_the_code_for_sketches_makes_the_same_ones(open_page: Open, tmp_path: Path, language: str) -> None:
    page = open_page(view="sketches?label=sun&seed=7&count=4")
    expect(page.locator("#code")).to_contain_text('"seed":7')
    with page.expect_response("**/generate_drawing") as shown:
        page.locator("#seed").fill("8")
        page.locator("#seed").press("Enter")
    expected = shown.value.json()
    expect(page.locator("#code")).to_contain_text('"seed":8')
    text = code(page, language)
    if language == "curl":
        if shutil.which("curl") is None:
            pytest.skip("needs curl")
        assert json.loads(run(f"{text} --silent", tmp_path)) == expected
    else:
        (tmp_path / "use.py").write_text(text)
        assert run(f"{sys.executable} use.py", tmp_path).strip() == str(expected)


@pytest.mark.parametrize("language", ["curl", "Python"])
def test_the_code_for_a_blend_paints_the_same_photo(open_page: Open, tmp_path: Path, grey: Path, language: str) -> None:
    name = 'it\'s; a "wall".png'
    (tmp_path / name).write_bytes(grey.read_bytes())
    page = open_photo(open_page(view="paint"), tmp_path / name)
    page.get_by_label("Blend several styles").check()
    page.get_by_role("checkbox", name="sea").check()
    expect(page.locator("h2")).to_have_attribute("data-guess", "ochre + sea")
    text = code(page, language)
    if language == "curl":
        run(f"{text} --silent", tmp_path)
    else:
        (tmp_path / "use.py").write_text(text)
        run(f"{sys.executable} use.py", tmp_path)
    assert (tmp_path / "result.jpg").read_bytes().startswith(b"\xff\xd8")


def test_styles_are_blended_by_weight_and_the_blend_is_in_the_address(open_page: Open, grey: Path) -> None:
    page = open_photo(open_page(view="paint"), grey)
    page.get_by_label("Blend several styles").check()
    page.get_by_role("checkbox", name="sea").check()
    both = mix(COLORS["ochre"], COLORS["sea"])
    expect_painted(page, "ochre + sea", mix(GREY, both))
    page.get_by_role("slider", name="sea").fill("100")
    page.get_by_role("slider", name="ochre").fill("1")
    expect_painted(page, "ochre + sea", mix(GREY, mix(COLORS["ochre"], COLORS["sea"], 100 / 101)))
    assert json.loads(params(page)["style"]) == {"ochre": 1, "sea": 100}
    page.get_by_label("Blend several styles").uncheck()
    expect_painted(page, "ochre", mix(GREY, COLORS["ochre"]))
    link = urlencode({"photo": "autumn", "style": '{"ochre": 1, "sea": 3}'})
    other = open_page(view=f"paint?{link}")
    expect(other.locator("h2")).to_have_attribute("data-guess", "ochre + sea")
    expect(other.get_by_role("slider", name="sea")).to_have_value("3")


def test_one_style_stays_chosen_and_styles_of_two_models_are_not_blended(open_page: Open) -> None:
    page = open_page(view="paint")
    page.get_by_label("Blend several styles").check()
    page.get_by_role("checkbox", name="sea").check()
    page.get_by_role("checkbox", name="U-Net").check()
    expect(page.locator(".tile input:checked")).to_have_count(1)
    page.get_by_role("checkbox", name="U-Net").click()
    expect(page.get_by_role("checkbox", name="U-Net")).to_be_checked()


def test_all_four_painters_are_shown_side_by_side_and_one_is_chosen(open_page: Open, grey: Path) -> None:
    page = open_photo(open_page(view="paint"), grey)
    expect_painted(page, "ochre", mix(GREY, COLORS["ochre"]))
    page.get_by_role("button", name="Compare").click()
    works = page.locator("#comparison button[aria-busy=false] img[src]")
    expect(works).to_have_count(4)
    page.locator("#comparison button", has_text="U-Net").click()
    expect(page.locator("#comparison")).to_be_hidden()
    expect(page.locator("h2")).to_have_attribute("data-guess", re.compile("U-Net"))
    expect(page.locator("#before-after")).to_be_visible()


def test_the_view_of_the_models_has_metrics_with_intervals_lineage_history_and_card(open_page: Open) -> None:
    page = open_page(view="models")
    model = page.get_by_role("article", name="quickdraw_classifier")
    expect(model.locator("table").first).to_contain_text("0.942")
    model.get_by_text("Lineage", exact=True).click()
    expect(model).to_contain_text("CC BY 4.0")
    model.get_by_text("Card", exact=True).click()
    expect(model.locator("pre")).to_contain_text('"family": "quickdraw_classifier"')
    expect(page.get_by_role("link", name="As JSON")).to_have_attribute("href", "models")


def test_the_view_of_the_api_and_swagger_list_every_address(open_page: Open) -> None:
    page = open_page(view="api")
    for path in ("/classify_drawing", "/stylize", "/models"):
        expect(page.get_by_role("article", name=path, exact=True)).to_be_visible()
    page.get_by_role("link", name="Try it in Swagger UI").click()
    expect(page.locator("#swagger-ui .opblock", has_text="/classify_drawing")).to_be_visible()


def test_an_answer_that_is_not_json_gets_a_sentence(open_page: Open) -> None:
    page = open_page()
    expect(page.locator("#idea")).to_be_visible()
    page.route("**/classify_drawing", lambda route: route.fulfill(body="<p>Sign in</p>", content_type="text/html"))
    draw(page, (0.2, 0.2), (0.8, 0.8))
    expect(page.get_by_role("status")).to_contain_text("cannot be read")


@pytest.mark.parametrize("size", [(360, 740), (390, 844), (768, 1024), (844, 390), (1280, 800)])
@pytest.mark.parametrize("view", ["drawing", "sketches", "duel", "paint", "photos", "faces", "models", "api"])
def test_no_view_is_wider_than_the_screen(open_page: Open, view: str, size: tuple[int, int]) -> None:
    page = open_page(view=view, viewport={"width": size[0], "height": size[1]})
    expect(page.locator(".lineage, article").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    for link in page.locator("#views a, .page-footer a").all():
        box = link.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 24
        assert box["x"] >= 0, link.inner_text()
        assert box["x"] + box["width"] <= size[0], link.inner_text()
