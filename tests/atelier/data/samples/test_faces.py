import numpy as np
import pytest

from atelier.data.samples import face_measures, faces
from atelier.data.samples.noise import encode, generator
from atelier.preprocessing.images import decode_square

NUMBERS = range(120)


@pytest.fixture(scope="module")
def drawn() -> list[np.ndarray]:
    return [faces.paint(1, number, 128) for number in NUMBERS]


@pytest.mark.parametrize("size", [32, 64, 128])
def test_attributes_can_be_measured_from_a_compressed_image_of_any_size(drawn, size) -> None:
    images = np.stack([decode_square(encode(image), size)[0] for image in drawn])
    measured = face_measures.measure(images)
    wanted = np.array([faces.attributes(1, number) for number in NUMBERS])
    for column, name in enumerate(faces.Attributes._fields):
        assert np.corrcoef(wanted[:, column], measured[:, column])[0, 1] > 0.95, name
        assert np.polyfit(wanted[:, column], measured[:, column], 1)[0] == pytest.approx(1, abs=0.15), name


@pytest.mark.parametrize("name", faces.Attributes._fields)
def test_each_attribute_changes_the_image_and_only_its_own_measure(name) -> None:
    middle = faces.Attributes(45.0, 0.0, 0.34, 0.44, 0.12, 0.06)
    spread = np.array([40.0, 0.5, 0.1, 0.04, 0.12, 0.1])
    column = faces.Attributes._fields.index(name)
    changed = middle._replace(**{name: 1.0 if name == "gender" else middle[column] + spread[column]})
    images = np.stack([faces.draw(each, generator("face", 3, 7), 64) for each in (middle, changed)])
    assert np.abs(images[0].astype(int) - images[1]).max() > 30
    before, after = face_measures.measure(images)
    moved = np.abs(after - before) / spread
    assert moved[column] > 0.8
    assert np.delete(moved, column).max() < 0.25


def test_a_face_depends_on_its_number_and_seed_only() -> None:
    assert np.array_equal(faces.paint(1, 5, 64), faces.paint(1, 5, 64))
    assert not np.array_equal(faces.paint(1, 5, 64), faces.paint(2, 5, 64))
    assert faces.attributes(1, 5) != faces.attributes(1, 6)


def test_an_image_that_is_no_sample_face_is_measured_without_infinite_numbers() -> None:
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (2, 64, 64, 3)).astype(np.uint8)
    flat = np.stack([np.full((64, 64, 3), level, np.uint8) for level in (0, 255)])
    assert np.isfinite(face_measures.measure(np.concatenate([noise, flat]))).all()
