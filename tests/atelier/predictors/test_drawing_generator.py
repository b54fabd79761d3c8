import numpy as np
import pytest

from atelier.errors import AtelierError, BadInputError
from atelier.onnx.model import OnnxModel
from atelier.predictors.drawing_generator import BATCH, Generator
from tests.helpers.onnx_graphs import generator_spec, write_generator

LABELS = ("ant", "bee", "cat")
NOISE = 5


def generator(folder, grays=(0.2, 0.5, 0.8)):
    images = np.broadcast_to(np.reshape(grays, (-1, 1, 1, 1)), (len(grays), 28, 28, 1))
    path = write_generator(folder / "model.onnx", images, NOISE)
    return Generator(OnnxModel(path), generator_spec(LABELS, NOISE))


def test_every_label_is_drawn_with_the_noise_of_its_position(tmp_path):
    labels = np.arange(40) % 3
    brightness = np.random.default_rng(7).standard_normal((40, NOISE), dtype=np.float32).mean(axis=1)
    expected = 255 * np.clip(np.array([0.2, 0.5, 0.8])[labels] + brightness, 0, 1)
    found = generator(tmp_path).draw(labels, seed=7)
    assert found.shape == (40, 28, 28)
    assert found.dtype == np.uint8
    np.testing.assert_allclose(found, np.broadcast_to(expected[:, None, None], found.shape), atol=0.501)


def test_the_seed_fixes_the_drawings_and_a_longer_list_begins_like_a_shorter_one(tmp_path):
    drawing_generator = generator(tmp_path)
    labels = np.arange(2 * BATCH + 3) % 3
    every = drawing_generator.draw(labels, seed=3)
    for count in (0, 1, BATCH - 1, BATCH, BATCH + 1, len(labels)):
        np.testing.assert_array_equal(drawing_generator.draw(labels[:count], seed=3), every[:count])
    assert (drawing_generator.draw(labels, seed=4) != every).any()


def test_the_model_is_always_called_with_batches_of_one_size():
    shapes = []

    def model(noise, label):
        shapes.append((noise.shape, label.shape))
        return {"image": np.zeros((len(label), 28, 28, 1), np.float32)}

    Generator(model, generator_spec(LABELS, NOISE)).draw(np.zeros(BATCH + 1, np.int64), seed=0)
    assert shapes == [((BATCH, NOISE), (BATCH,))] * 2


def test_a_label_that_the_generator_does_not_know_is_refused(tmp_path):
    drawing_generator = generator(tmp_path)
    assert drawing_generator.labels == LABELS
    for wrong in (-1, 3):
        with pytest.raises(BadInputError, match="knows 3 labels"):
            drawing_generator.draw(np.array([0, wrong]), seed=0)


def test_nan_is_refused(tmp_path):
    with pytest.raises(AtelierError, match="NaN or infinity"):
        generator(tmp_path, grays=(0.2, np.nan, 0.8)).draw(np.array([0, 1]), seed=0)


def test_a_model_of_another_kind_is_refused():
    spec = generator_spec(LABELS, NOISE)
    part = spec.parts["model"]
    without_noise = part.model_copy(update={"inputs": part.inputs[1:]})
    with pytest.raises(BadInputError, match="no 'noise'"):
        Generator(dict, spec.model_copy(update={"parts": {"model": without_noise}}))
