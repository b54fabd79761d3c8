import numpy as np
import pytest

from atelier.data.prepared.dataset import SPLITS
from atelier.errors import BadInputError
from atelier.onnx.model import OnnxModel
from atelier.predictors.drawing_generator import Generator
from pipelines.augment.generated_drawings import GeneratedDrawings, LabelFilter, exclude, generate, image_hashes
from tests.helpers.onnx_graphs import generator_spec, write_generator
from tests.pipelines.augment.conftest import GREYS, LABELS, write_filter

NOISE = 60


@pytest.fixture
def generator(tmp_path):
    """Makes images of the grey level of each label; some are so bright or dark that they look like another label."""
    path = write_generator(tmp_path / "generator.onnx", pictures(), NOISE)
    return Generator(OnnxModel(path), generator_spec(LABELS, NOISE))


def pictures():
    texture = np.linspace(-0.05, 0.05, 784, dtype=np.float32).reshape(1, 28, 28, 1)
    return np.reshape(GREYS, (3, 1, 1, 1)).astype(np.float32) + texture


def label_filter(tmp_path, confidence=0.9, labels=LABELS):
    return LabelFilter(OnnxModel(write_filter(tmp_path / "filter.onnx")), labels, confidence)


def test_images_with_another_or_an_unsure_label_are_left_out(tmp_path, generator):
    found = generate(generator, label_filter(tmp_path), LABELS, number=60, attempts=1, seed=0)
    distances = np.abs(found.image.mean(axis=(1, 2))[:, None] / 255 - np.array(GREYS))
    sure = generate(generator, label_filter(tmp_path, 0.999), LABELS, number=60, attempts=1, seed=0)
    np.testing.assert_array_equal(distances.argmin(axis=1), found.label)
    assert (found.agreement < 1).any()
    assert (sure.agreement <= found.agreement).all()
    assert len(sure.label) < len(found.label)


def test_the_first_images_of_each_label_are_kept_up_to_the_number(tmp_path, generator):
    few = generate(generator, label_filter(tmp_path), LABELS, number=3, attempts=20, seed=0)
    many = generate(generator, label_filter(tmp_path), LABELS, number=6, attempts=10, seed=0)
    assert np.bincount(few.label).tolist() == [3, 3, 3]
    for label in range(3):
        np.testing.assert_array_equal(few.image[few.label == label], many.image[many.label == label][:3])


def test_noise_differs_between_labels_and_is_repeated_by_the_seed(tmp_path, generator):
    found, again = (generate(generator, label_filter(tmp_path), LABELS, number=5, attempts=9, seed=7) for _ in range(2))
    np.testing.assert_array_equal(found.image, again.image)
    noise = [found.image[found.label == label].mean(axis=(1, 2)) - 255 * GREYS[label] for label in (0, 1)]
    assert np.abs(noise[0] - noise[1]).max() > 2


def test_labels_are_matched_by_name(tmp_path, generator):
    found = generate(generator, label_filter(tmp_path), ("light", "unheard of", "dark"), number=4, attempts=9, seed=0)
    assert np.bincount(found.label).tolist() == [4, 0, 4]
    assert found.image[found.label == 0].mean() > found.image[found.label == 2].mean()
    assert np.isnan(found.agreement).tolist() == [False, True, False]


def test_a_label_that_the_filter_does_not_know_gets_no_drawings(tmp_path, generator):
    found = generate(
        generator, label_filter(tmp_path, labels=("dark", "grey", "other")), LABELS, number=4, attempts=9, seed=0
    )
    assert np.bincount(found.label, minlength=3).tolist() == [4, 4, 0]
    assert found.agreement[2] == 0


def test_when_no_drawing_is_accepted_the_error_says_what_to_change(tmp_path, generator):
    with pytest.raises(BadInputError, match=r"probability of 1\. Lower augment\.confidence"):
        generate(
            generator,
            label_filter(tmp_path, confidence=1.0, labels=("x", "y", "z")),
            LABELS,
            number=2,
            attempts=1,
            seed=0,
        )


def test_repeated_and_excluded_drawings_are_removed():
    images = np.arange(4, dtype=np.uint8)[[0, 1, 1, 2, 3]].reshape(5, 1, 1).repeat(28, 1).repeat(28, 2)
    generated = GeneratedDrawings(images, np.arange(5), np.ones(5))
    found = exclude(generated, generated.id[[3]])
    assert found.label.tolist() == [0, 1, 4]
    np.testing.assert_array_equal(found.image, images[[0, 1, 4]])


def test_no_copy_of_a_real_drawing_is_kept_whatever_its_id(greys):
    """The ids of prepared data are those of their sources, not of their images."""
    copies = np.concatenate([greys.split(split)["image"][:2] for split in SPLITS])
    images = np.concatenate([copies, np.full((1, 28, 28), 3, np.uint8)])
    generated = GeneratedDrawings(images, np.arange(7), np.ones(3))
    assert exclude(generated, image_hashes(greys)).label.tolist() == [6]


def test_drawings_are_written_and_read(tmp_path):
    generated = GeneratedDrawings(np.full((2, 28, 28), 7, np.uint8), np.array([1, 0]), np.array([0.5, np.nan]))
    generated.write(tmp_path / "folder" / "drawings.npz")
    found = GeneratedDrawings.read(tmp_path / "folder" / "drawings.npz")
    assert found.content_hash == generated.content_hash
    np.testing.assert_array_equal(found.agreement, generated.agreement)
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["drawings.npz"]
