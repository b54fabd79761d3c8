"""The evaluation with networks that are simple functions, so that the right values are known."""

import numpy as np
import pytest

from atelier.evaluation.stylization.metrics import ContentStyleDistance
from atelier.evaluation.stylization.pairs import ImageSet
from atelier.evaluation.translation.evaluate import FeatureNetworks, evaluate_translation
from atelier.evaluation.translation.settings import EvaluationSettings
from atelier.pretrained.perceptual.architectures import RANDOM
from tests.helpers.perceptual_networks import images

SETTINGS = EvaluationSettings(resamples=200, seed=0, size=64, photos=20, paintings=20, noise=6.0, sheet_photos=3)
PHOTOS = ImageSet.from_images(list(images(64, 64, count=12, seed=1).astype(np.uint8)), range(12), 64)
PAINTINGS = ImageSet.from_images(
    list(np.clip(images(64, 64, count=10, seed=2) * [0.9, 0.8, 0.3] + [20, 10, 0], 0, 255).astype(np.uint8)),
    range(100, 110),
    64,
)


def describe(batch: np.ndarray) -> np.ndarray:
    """Mean and deviation of each color, about 1 each."""
    return np.concatenate([batch.mean((1, 2)), batch.std((1, 2))], axis=1) / 50


def extract(batch: np.ndarray) -> dict[str, np.ndarray]:
    """The image as the features of every layer."""
    return dict.fromkeys(RANDOM.feature_layers, batch.transpose(0, 3, 1, 2).astype(np.float64))


NETWORKS = FeatureNetworks(describe, ContentStyleDistance(RANDOM, extract))


def evaluate(to_painting, to_photo=lambda image: image):
    return evaluate_translation(to_painting, to_photo, PHOTOS, PAINTINGS, NETWORKS, SETTINGS)


def like_a_painting(photo: np.ndarray) -> np.ndarray:
    return np.clip(photo * [0.9, 0.8, 0.3] + [20, 10, 0], 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def unchanged():
    return evaluate(lambda photo: photo)


@pytest.fixture(scope="module")
def painted():
    return evaluate(like_a_painting)


def value(evaluation, name: str) -> float:
    return evaluation.metrics[name].value


def test_untouched_photos_have_a_ratio_of_one_and_agree_with_themselves(unchanged) -> None:
    assert unchanged.metrics["kernel_ratio"].model_dump() == pytest.approx({"value": 1, "low": 1, "high": 1})
    expected = {"content": 0, "edge_agreement": 1, "brightness_agreement": 1, "inverted": 0, "cycle": 0, "diversity": 1}
    assert {name: value(unchanged, name) for name in expected} == pytest.approx(expected)


def test_paintings_are_nearer_and_real_ones_at_zero(painted) -> None:
    ratio = painted.metrics["kernel_ratio"]
    assert ratio.high < 0.5
    assert ratio.low <= ratio.value <= ratio.high
    assert abs(value(painted, "paintings_ratio")) < 0.3
    assert value(painted, "color_match_ratio") < 1
    assert value(painted, "content") > 0.1


def test_inverted_photos_are_found() -> None:
    inverted = evaluate(lambda photo: 255 - photo, lambda image: 255 - image)
    assert value(inverted, "inverted") == 1
    assert value(inverted, "cycle") == 0
    assert value(inverted, "edge_agreement") == pytest.approx(1)


def test_a_photo_that_is_hidden_in_its_painting_is_found(painted) -> None:
    """The painting is gray but for details of a gray level, from which the photo is made again."""

    def hide(photo: np.ndarray) -> np.ndarray:
        return (120 + photo // 32).astype(np.uint8)

    def show(image: np.ndarray) -> np.ndarray:
        return np.clip((image.astype(int) - 120) * 32 + 16, 0, 255).astype(np.uint8)

    hidden = evaluate(hide, show)
    assert value(hidden, "hidden_signal") > 3
    assert abs(value(painted, "hidden_signal")) < 1


def test_equal_paintings_are_not_diverse() -> None:
    assert value(evaluate(lambda photo: np.full_like(photo, 90)), "diversity") == 0


def test_items_are_means_over_photos_and_paintings(painted) -> None:
    assert painted.items["kernel_ratio"].shape == (120,)
    assert painted.units["photos"].shape == painted.units["paintings"].shape == (120,)
    for name, values in painted.items.items():
        assert values.mean() == pytest.approx(value(painted, name)), name
        assert painted.ids_of(name).shape == values.shape
    assert len(np.unique(painted.units_of(painted.ids_of("content"))["photos"])) == 12
    assert len(painted.tables["photos.json"]) == 12
    assert painted.pictures["sheet.png"].startswith(b"\x89PNG")
