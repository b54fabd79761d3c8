import numpy as np
import pytest

from atelier.errors import AtelierError, BadInputError
from atelier.onnx.model import OnnxModel
from atelier.predictors.translator import Translator
from atelier.preprocessing.spec import PhotoInput
from tests.helpers.translator_champions import blurring_model, inverting_model

REACH = 3


class RecordingModel:
    """Records the sizes of the images that a model gets."""

    def __init__(self, model: OnnxModel) -> None:
        self._model, self.sizes = model, []

    def __call__(self, image: np.ndarray) -> dict[str, np.ndarray]:
        self.sizes.append(image.shape[1:3])
        return self._model(image=image)


def image(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def translator(reach: int | None = REACH, tile: int = 16) -> tuple[Translator, RecordingModel]:
    model = RecordingModel(OnnxModel(blurring_model(REACH).SerializeToString()))
    return Translator(model, PhotoInput(reach=reach, multiple=4), tile), model


@pytest.mark.parametrize("size", [(33, 200), (64, 64), (70, 51), (80, 32)])
def test_tiles_give_the_result_of_the_whole_image(size) -> None:
    tiled, model = translator()
    whole, _ = translator(reach=None)
    assert (tiled(image(*size)) == whole(image(*size))).all()
    assert len(model.sizes) > 2
    assert np.max(model.sizes) <= 16 + 2 * REACH


def test_too_small_a_margin_shows(monkeypatch) -> None:
    narrow, _ = translator(reach=REACH - 1)
    whole, _ = translator(reach=None)
    assert (narrow(image(64, 64)) != whole(image(64, 64))).any()


def test_a_small_image_and_one_of_a_network_without_a_reach_are_computed_at_once() -> None:
    for one, side in ((translator(tile=32), 32 + 2 * REACH), (translator(reach=None), 100)):
        translate, model = one
        translate(image(side, side))
        assert model.sizes == [(side, side)]


def test_tiles_begin_at_multiples() -> None:
    model = RecordingModel(OnnxModel(inverting_model().SerializeToString()))
    picture = image(60, 60)
    assert (Translator(model, PhotoInput(reach=4, multiple=8), tile=23)(picture) == 255 - picture).all()
    assert {height for height, _ in model.sizes} == {20, 24, 16}  # from 0, 12, 28 and 44: spans of 16, margins of 4


@pytest.mark.parametrize(
    "wrong", [image(31, 40), image(40, 40)[..., :2], image(40, 40).astype(np.float32), image(40, 40)[..., 0]]
)
def test_what_is_no_image_is_refused(wrong) -> None:
    with pytest.raises(BadInputError, match="at least 32 pixels a side"):
        translator()[0](wrong)


def test_a_network_that_returns_nan_is_an_error() -> None:
    class Nan:
        def __call__(self, image: np.ndarray) -> dict[str, np.ndarray]:
            return {"picture": image * np.nan}

    with pytest.raises(AtelierError, match="NaN"):
        Translator(Nan(), PhotoInput(reach=None))(image(40, 40))  # type: ignore[arg-type]
