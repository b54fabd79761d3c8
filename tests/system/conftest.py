"""Fixtures that start something: a service, a browser. One of each for all the tests of a worker."""

import base64
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from PIL import Image

from atelier.model_card import ModelCard
from tests.helpers import face_champion, generator_champion, photo_champion, stylizer_champions, translator_champions
from tests.helpers.classifier_champion import SOMETIMES_RIGHT, write_champion
from tests.helpers.face_champion import write_face_champion
from tests.helpers.generator_champion import write_generator
from tests.helpers.image_files import encode
from tests.helpers.pages import BLUE, GREY, Open
from tests.helpers.photo_champion import write_photo_champion
from tests.helpers.serving import serving, store_model
from tests.helpers.stylizer_champions import COLORS, write_arbitrary, write_fast
from tests.helpers.translator_champions import write_translator

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BentoML folder with a champion of every family."""
    folder = tmp_path_factory.mktemp("service")
    store_model(folder / "bentoml", write_champion(folder / "classifier", seed=SOMETIMES_RIGHT))
    store_model(folder / "bentoml", write_generator(folder / "generator"), family=generator_champion.FAMILY)
    store_model(folder / "bentoml", with_thumbnails(write_fast(folder / "fast")), family=stylizer_champions.FAST)
    store_model(folder / "bentoml", write_arbitrary(folder / "arbitrary"), family=stylizer_champions.ARBITRARY)
    store_model(folder / "bentoml", write_photo_champion(folder / "photos"), family=photo_champion.FAMILY)
    store_model(folder / "bentoml", write_face_champion(folder / "faces"), family=face_champion.FAMILY)
    for family in (translator_champions.RESNET, translator_champions.UNET):
        store_model(folder / "bentoml", write_translator(folder / family, family), family=family)
    return folder / "bentoml"


def with_thumbnails(champion: Path) -> Path:
    """Give the card of a champion of `fast_style` a thumbnail a style: its colour."""
    card = ModelCard.read(champion / "card.json")
    swatches = {name: Image.new("RGB", (96, 96), tuple(map(int, colour))) for name, colour in COLORS.items()}
    urls = {name: base64.b64encode(encode(each, "WEBP")).decode() for name, each in swatches.items()}
    thumbnails = {name: f"data:image/webp;base64,{url}" for name, url in urls.items()}
    spec = card.spec.model_copy(update={"thumbnails": thumbnails})
    card.model_copy(update={"spec": spec}).write(champion / "card.json")
    return champion


@pytest.fixture(scope="session")
def service(home: Path) -> Iterator[httpx.Client]:
    """A client of the service."""
    # Every import of every process is written to the log, for the test that looks at them.
    with serving(home, PYTHONPROFILEIMPORTTIME="1") as client:
        yield client


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """A browser without a screen.

    It is closed after each module: as long as it is open, playwright's event loop runs in this thread, in which other
    tests call `asyncio.run`.
    """
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=30_000)  # as for actions; 5 s are too few beside other tests
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("needs a browser: install the package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: "Browser", service: httpx.Client) -> Iterator[Open]:
    """Open the page; afterwards nothing may have gone wrong in it, and no request may have left this machine."""
    contexts, problems, requests = [], [], []
    address = str(service.base_url)

    def open_page(quiet: bool = True, view: str = "", **options: object) -> "Page":
        context = browser.new_context(**options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        if quiet:
            page.on("console", lambda message: message.type == "error" and problems.append(message.text))
        page.goto(f"{address}/#/{view}" if view else address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []
    assert [url for url in requests if not url.startswith((address, "blob:", "data:"))] == []


@pytest.fixture
def grey(tmp_path: Path) -> Path:
    """A photo of a wall."""
    Image.new("RGB", (300, 200), GREY).save(tmp_path / "wall.png")
    return tmp_path / "wall.png"


@pytest.fixture
def blue(tmp_path: Path) -> Path:
    """A style image."""
    Image.new("RGB", (90, 120), BLUE).save(tmp_path / "dusk.png")
    return tmp_path / "dusk.png"
