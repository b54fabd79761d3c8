from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from atelier.data.download.archives import write_archive
from atelier.data.ingest.decode import decode_archive, read_items
from atelier.errors import BadInputError
from atelier.preprocessing.images import Fit, decode_square
from atelier.service.champions import Champion
from atelier.service.endpoints.classify_photo import ClassifyPhotoRequest, classify
from tests.helpers.data_settings import checks
from tests.helpers.image_files import broken_files, encode, random_image
from tests.helpers.photo_champion import LABELS, SIZE, write_photo_champion

RED = encode(Image.new("RGB", (90, 60), (230, 20, 30)))
BLUE = encode(Image.new("RGB", (60, 90), (20, 30, 230)), "PNG")
GREY = encode(Image.new("RGB", (64, 64), (128, 127, 126)), "PNG")


@pytest.fixture(scope="module")
def champion(tmp_path_factory: pytest.TempPathFactory) -> Champion:
    return Champion(write_photo_champion(tmp_path_factory.mktemp("champion")))


def test_each_photo_gets_its_own_answer_in_order(champion: Champion) -> None:
    red, blue = classify(champion, [RED, BLUE])
    assert (red.label, blue.label) == ("red", "blue")
    assert red.confidence == red.guesses[0].probability > 0.99
    assert not red.unsure
    assert [guess.label for guess in blue.guesses] == ["blue", "green", "red"]


def test_a_photo_of_no_class_is_unsure(champion: Champion) -> None:
    (grey,) = classify(champion, [GREY])
    assert grey.unsure
    assert grey.confidence < 0.6


@pytest.mark.parametrize("fit", ["crop", "pad"])
def test_a_file_gets_the_same_scores_as_in_evaluation(fit: Fit, tmp_path: Path) -> None:
    """The service makes the same input as preparation: the bytes are equal, and so are the probabilities."""
    champion = Champion(write_photo_champion(tmp_path / "champion", fit=fit))
    files = [
        encode(random_image(1, 100, 151)),
        encode(random_image(2, 400, 300), quality=90),
        encode(random_image(3, 77, 64).convert("RGBA"), "PNG"),
        encode(random_image(4).convert("L"), "PNG"),
    ]
    write_archive(tmp_path / "a.tar", [(f"{number}.jpg", content) for number, content in enumerate(files)])
    decode_archive(tmp_path / "a.tar", tmp_path, SIZE, checks(min_side=8), partial(decode_square, fit=fit))
    prepared = np.array(read_items(tmp_path / "a.tar", tmp_path, len(files), SIZE))
    expected = champion.model(image=prepared)["probabilities"]
    for answer, row in zip(classify(champion, files), expected, strict=True):
        found = {guess.label: guess.probability for guess in answer.guesses}
        assert [found[label] for label in LABELS] == pytest.approx(row.tolist(), abs=1e-6)


@pytest.mark.parametrize("name", ["empty.jpg", "text.jpg", "cut.jpg", "bomb.png", "large.png"])
def test_a_file_that_is_no_photo_is_named_by_its_number(champion: Champion, name: str) -> None:
    with pytest.raises(BadInputError, match=r"^image 2: "):
        classify(champion, [RED, broken_files()[name][0]])
    with pytest.raises(BadInputError, match=r"^image: "):
        classify(champion, [broken_files()[name][0]])


def test_a_request_has_one_or_several_files() -> None:
    assert ClassifyPhotoRequest.from_parts({"image": [RED, BLUE]}).image == [RED, BLUE]
    with pytest.raises(BadInputError, match="There is no image"):
        ClassifyPhotoRequest.from_parts({})
    with pytest.raises(BadInputError, match="must be a file"):
        ClassifyPhotoRequest.from_parts({"image": ["text"]})
    with pytest.raises(BadInputError, match="top_k must be a whole number of at least 1"):
        ClassifyPhotoRequest.from_parts({"image": [RED], "top_k": 0})


def test_more_labels_than_there_are(champion: Champion) -> None:
    with pytest.raises(BadInputError, match="from 1 to 3"):
        classify(champion, [RED], top_k=4)
