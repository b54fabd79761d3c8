"""The view Faces in a real browser: opening a face, sliders, reset, saving, and errors."""

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from playwright.sync_api import expect

from atelier.data.samples import faces
from tests.helpers.pages import Open

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request, Route

pytestmark = pytest.mark.system

HAIR = """() => {
  const image = document.querySelector("#before-after img + img");
  if (image.hidden || !image.naturalWidth) return null;
  const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
  const { naturalWidth: side } = image;
  context.drawImage(image, 0.47 * side, 0.03 * side, 0.06 * side, 0.03 * side, 0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data[0];
}"""
"""Gray level of the hair of the face that is shown, which grows with the age."""


@pytest.fixture
def face(tmp_path: Path) -> Path:
    Image.fromarray(faces.paint(1, 170, 128)).save(tmp_path / "somebody.png")
    return tmp_path / "somebody.png"


def open_face(page: "Page", path: Path) -> "Page":
    expect(page.get_by_role("button", name="Open an image")).to_be_enabled()
    page.locator("#file").set_input_files(path)
    expect(page.locator("h2")).to_have_text("As it is")
    return page


def slide(page: "Page", name: str, change: float) -> None:
    page.get_by_role("slider", name=name).fill(str(change))


def hair(page: "Page") -> int:
    page.wait_for_function(f"() => ({HAIR})() !== null")
    return int(page.evaluate(HAIR))


def test_a_slider_changes_the_face_and_only_decodes(open_page: Open, face: Path) -> None:
    requests: list[str] = []
    page = open_page(view="faces")
    page.on("request", lambda request: requests.append(request.url.rpartition("/")[2]))
    open_face(page, face)
    before = hair(page)
    slide(page, "age", 1.5)
    expect(page.locator("h2")).to_have_text("age")
    page.wait_for_function(f"(level) => ({HAIR})() > level + 30", arg=before)
    slide(page, "age", -1.5)
    page.wait_for_function(f"(level) => ({HAIR})() < level - 30", arg=before)
    assert requests.count("encode_face") == 1
    assert requests.count("edit_face") >= 3


def test_every_attribute_has_a_slider_with_its_range_and_unit(open_page: Open, face: Path) -> None:
    page = open_face(open_page(view="faces"), face)
    expect(page.locator("#attributes input")).to_have_count(6)
    age = page.get_by_role("slider", name="age")
    expect(age).to_have_attribute("min", "-2.5")
    expect(age).to_have_attribute("max", "2")
    expect(age).to_have_attribute("aria-valuetext", "as it is")
    slide(page, "age", -1)
    expect(age).to_have_attribute("aria-valuetext", re.compile(r"^−2\d years$"))
    slide(page, "eye openness", 0.5)
    expect(page.get_by_role("slider", name="eye openness")).to_have_attribute("aria-valuetext", "+0.5")


def test_reset_brings_the_face_back(open_page: Open, face: Path) -> None:
    page = open_face(open_page(view="faces"), face)
    before = hair(page)
    slide(page, "age", 2)
    page.wait_for_function(f"(level) => ({HAIR})() > level + 30", arg=before)
    page.get_by_role("button", name="Reset").click()
    expect(page.locator("h2")).to_have_text("As it is")
    page.wait_for_function(f"(level) => ({HAIR})() === level", arg=before)
    expect(page.get_by_role("slider", name="age")).to_have_value("0")


def test_the_changed_face_is_saved(open_page: Open, face: Path) -> None:
    page = open_face(open_page(view="faces"), face)
    slide(page, "smile", 1)
    expect(page.locator("h2")).to_have_text("smile")
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save").click()
    assert saving.value.suggested_filename == "somebody, smile 1.png"
    content = Path(saving.value.path()).read_bytes()
    assert Image.open(io.BytesIO(content)).text["changes"] == '{"smile": 1.0}'


def test_a_drawn_face_and_its_changes_can_be_linked(open_page: Open) -> None:
    page = open_page(view="faces?face=ben&age=1.5")
    expect(page.locator("h2")).to_have_text("age")
    expect(page.get_by_role("slider", name="age")).to_have_value("1.5")
    slide(page, "age", 0.5)
    page.wait_for_function("() => location.hash === '#/faces?face=ben&age=0.5'")


def test_before_and_after_lie_over_each_other(open_page: Open, face: Path) -> None:
    page = open_face(open_page(view="faces"), face)
    edge = page.get_by_role("slider", name="Edge between face and changed face")
    edge.focus()
    page.keyboard.press("Home")
    expect(edge).to_have_attribute("aria-valuetext", "0 % face, 100 % changed face")


def test_what_the_edits_may_be_used_for_is_said(open_page: Open) -> None:
    expect(open_page(view="faces").locator("#use")).to_have_text("Tests.")


def test_without_a_face_the_message_says_what_to_send(open_page: Open, face: Path) -> None:
    page = open_page(quiet=False, view="faces")

    def refuse(route: "Route", request: "Request") -> None:
        route.fulfill(status=400, json={"error": "No face is found in the image."})

    page.route("**/encode_face", refuse)
    expect(page.get_by_role("button", name="Open an image")).to_be_enabled()
    page.locator("#file").set_input_files(face)
    expect(page.locator("#notice")).to_have_text("No face is found in the image.")
    expect(page.locator("h2")).to_have_text("No face to change.")
    expect(page.get_by_role("slider", name="age")).to_be_disabled()
    page.unroute("**/encode_face")
    open_face(page, face)
    expect(page.locator("#notice")).to_be_hidden()


def test_the_request_as_code_has_the_token(open_page: Open, face: Path) -> None:
    page = open_face(open_page(view="faces"), face)
    page.locator("#code summary").click()
    expect(page.locator("#code pre").first).to_contain_text("/edit_face")
    expect(page.locator("#code pre").first).to_contain_text('"token"')
