"""A classifier of photos from somebody's `.keras` file."""

from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from atelier.errors import BadInputError
from atelier.onnx.model import OnnxModel
from pipelines.adopt.nodes import adopt
from pipelines.promote.nodes import promote
from tests.helpers.family_settings import family_parameters
from tests.helpers.image_sets import write_image_set
from tests.helpers.photo_sets import LABELS, write_backbone, write_photos

FAMILY = "photo_classifier"
PARAMETERS = {FAMILY: family_parameters(FAMILY, environment="test")}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("adopt_photos")
    return {
        "photos": write_photos(folder / "photos"),
        "landscapes": write_image_set(folder / "landscapes", seed=5),
        "backbone": write_backbone(folder / "backbone"),
    }


@pytest.fixture(scope="module")
def keras_file(tmp_path_factory) -> Path:
    """The class is the strongest channel of a photo of 32 × 32 pixels, 0 to 255; with a layer of augmentation."""
    model = keras.Sequential(
        [
            keras.Input((32, 32, 3), name="photo"),
            layers.RandomFlip(seed=0),
            layers.Rescaling(1 / 255),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, "softmax"),
        ]
    )
    model.layers[-1].set_weights([20 * np.eye(3, dtype=np.float32)[::-1], np.zeros(3, np.float32)])
    path = tmp_path_factory.mktemp("colleague") / "colleague.keras"
    model.save(path)
    return path


@pytest.fixture
def run(registry, inputs, tmp_path):
    (tmp_path / "labels.txt").write_text("\n".join(LABELS), encoding="utf-8")

    def run(file):
        adopt(FAMILY, file, tmp_path / "labels.txt", None, None, PARAMETERS, registry, tmp_path / "adopted", **inputs)

    return run


def test_a_keras_file_becomes_champion(run, registry, inputs, keras_file, capsys) -> None:
    run(keras_file)
    printed = capsys.readouterr().out
    assert (
        "Size: it takes 32 x 32 pixels, RGB, NHWC, the family's images have any size; resized in the graph." in printed
    )
    version = registry.get(FAMILY, "challenger")
    card = registry.card(version)
    assert card.lineage.adopted.name == "colleague.keras"
    assert card.spec.labels == LABELS
    assert card.spec.unsure_below is None
    assert card.metrics["top1"].value > 0.9
    assert card.parity["model"] < 1e-4
    photos = np.random.default_rng(0).integers(0, 256, (2, 50, 70, 3), dtype=np.uint8)
    assert OnnxModel(registry.onnx(version)["model"])(image=photos)["probabilities"].shape == (2, 3)
    raw = dict.fromkeys(("photos_raw", "landscapes_raw"))
    verdict = promote(FAMILY)(registry, PARAMETERS[FAMILY], None, **inputs, **raw)
    assert verdict["promote"], verdict["reasons"]


def test_a_file_that_brings_code_along_is_not_run(run, registry, tmp_path) -> None:
    model = keras.Sequential([keras.Input((32, 32, 3)), layers.Lambda(lambda x: x / 255), layers.Flatten()])
    model.save(tmp_path / "code.keras")
    with pytest.raises(BadInputError, match=r"cannot be converted to ONNX: .*Lambda.*model.export"):
        run(tmp_path / "code.keras")
    assert registry.history(FAMILY) == []


def test_an_absent_file_is_an_error(run, tmp_path) -> None:
    with pytest.raises(BadInputError, match="no file"):
        run(tmp_path / "absent.keras")
