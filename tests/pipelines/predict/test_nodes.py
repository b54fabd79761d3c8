import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from atelier.errors import BadInputError
from atelier.onnx.parts import part_files
from pipelines.predict import nodes
from pipelines.predict.nodes import predict
from pipelines.predict.settings import PredictSettings
from tests.helpers.image_files import encode, write_folder
from tests.helpers.photo_champion import FAMILY, photo_card, write_photo_champion

FILES = {
    "a/red.jpg": encode(Image.new("RGB", (90, 60), (230, 20, 30))),
    "blue.PNG": encode(Image.new("RGB", (60, 90), (20, 30, 230)), "PNG"),
    "b/text.jpg": b"no image",
    "grey.png": encode(Image.new("RGB", (64, 64), (128, 127, 126)), "PNG"),
    "large.png": b"x" * 5000,
    "notes.txt": b"passed over",
}


def settings(source: str | None, **changes) -> PredictSettings:
    values = {"family": FAMILY, "top_k": 2, "max_bytes": 4000, "batch_size": 2}
    return PredictSettings(**(values | {"source": source} | changes))


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A registry whose champion is in a folder."""
    folder, card = write_photo_champion(tmp_path / "champion"), photo_card()
    monkeypatch.setattr(nodes, "champion", lambda *_: "photo_classifier v1")
    files = part_files(folder, card.spec.parts)
    return SimpleNamespace(card=lambda _: card, onnx=lambda _: files)


def rows(path: Path) -> dict[str, dict]:
    return {row["file"]: row for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())}


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_every_photo_gets_one_line_with_its_answer_or_an_error(registry, tmp_path, scheme) -> None:
    source = write_folder(tmp_path / "photos", FILES)
    target = predict(settings(f"{scheme}{source}"), tmp_path / "out", registry)
    assert target == tmp_path / "out" / f"{FAMILY}.jsonl"
    found = rows(target)
    assert set(found) == set(FILES) - {"notes.txt"}
    assert (found["a/red.jpg"]["label"], found["blue.PNG"]["label"]) == ("red", "blue")
    assert found["a/red.jpg"]["confidence"] > 0.99
    assert [guess["label"] for guess in found["blue.PNG"]["guesses"]] == ["blue", "green"]
    assert found["grey.png"]["unsure"]
    assert not found["a/red.jpg"]["unsure"]
    assert "not an image" in found["b/text.jpg"]["error"]
    assert "more than 4,000 bytes" in found["large.png"]["error"]


def test_photos_are_made_square_as_the_card_says(registry, tmp_path) -> None:
    """The ends of the photo are outside its largest centred square."""
    photo = Image.new("RGB", (300, 60), (20, 30, 230))
    photo.paste((230, 20, 30), (120, 0, 180, 60))
    source = write_folder(tmp_path / "photos", {"long.png": encode(photo, "PNG")})
    labels = []
    for fit in ("crop", "pad"):
        registry.card = lambda _, fit=fit: photo_card(fit=fit)
        found = rows(predict(settings(str(source)), tmp_path / fit, registry))
        labels.append(found["long.png"]["label"])
    assert labels == ["red", "blue"]


def test_without_a_source_it_says_how_to_name_one(registry, tmp_path) -> None:
    with pytest.raises(BadInputError, match=r"predict\.source="):
        predict(settings(None), tmp_path, registry)


def test_a_family_that_does_not_classify_photos(registry, tmp_path) -> None:
    card = photo_card()
    spec = card.spec.model_copy(update={"preprocessing": None})
    registry.card = lambda _: card.model_copy(update={"spec": spec})
    with pytest.raises(BadInputError, match="does not classify photos"):
        predict(settings(str(tmp_path)), tmp_path, registry)
