from pathlib import Path

import numpy as np
import pytest

from atelier.errors import BadInputError
from atelier.onnx.model import OnnxModel
from atelier.predictors.classifier import Classifier
from tests.helpers.photo_champion import photo_card, write_photo_champion


@pytest.fixture
def model(tmp_path: Path) -> OnnxModel:
    return OnnxModel(write_photo_champion(tmp_path) / "model.onnx")


def photos(*colors: tuple[int, int, int]) -> np.ndarray:
    return np.stack([np.full((8, 8, 3), color, np.uint8) for color in colors])


def test_the_best_labels_come_first(model: OnnxModel) -> None:
    first, second = Classifier(model, photo_card().spec)(photos((200, 100, 50), (0, 0, 255)), 2)
    assert [guess.label for guess in first.guesses] == ["red", "green"]
    assert second.guesses[0].label == "blue"
    assert first.guesses[0].probability > first.guesses[1].probability


def test_by_default_there_are_as_many_as_the_model_has_up_to_five(model: OnnxModel) -> None:
    assert len(Classifier(model, photo_card().spec)(photos((1, 2, 3)))[0].guesses) == 3
    with pytest.raises(BadInputError, match="from 1 to 3"):
        Classifier(model, photo_card().spec)(photos((1, 2, 3)), 4)


def test_an_unfamiliar_input_is_unsure_where_the_card_has_a_threshold(model: OnnxModel) -> None:
    spec = photo_card().spec
    some = photos((128, 128, 128), (255, 0, 0))
    assert [answer.unsure for answer in Classifier(model, spec)(some)] == [True, False]
    without = spec.model_copy(update={"unsure_below": None})
    assert [answer.unsure for answer in Classifier(model, without)(some)] == [False, False]
