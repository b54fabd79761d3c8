import numpy as np
import pytest

from atelier.data.prepared.dataset import PreparedData
from atelier.errors import BadInputError
from pipelines.families.psp.attributes import Attributes
from pipelines.families.psp.batches import Batches, to_faces, to_images
from tests.helpers.face_sets import write_faces
from tests.pipelines.families.psp.conftest import COUNTS, make_judges


def test_a_missing_label_stays_missing_and_does_not_count(inputs, tmp_path) -> None:
    faces = write_faces(tmp_path, COUNTS)
    values = np.load(tmp_path / "train-00000.attributes.npy")
    values[0, 0], values[1, 0] = np.nan, 1000
    np.save(tmp_path / "train-00000.attributes.npy", values)
    labels = Attributes.of(faces, inputs.face_judges).standardized(faces, "train")[:, 0]
    assert np.isnan(labels[0])
    assert labels[1] == labels[1:].max()
    assert np.nanmean(labels) == pytest.approx(0, abs=1e-4)


def without(data: PreparedData, *columns: int) -> PreparedData:
    """The same faces, with equal labels in some columns."""
    for path in data.folder.glob("*.attributes.npy"):
        values = np.load(path)
        values[:, columns] = 1.0
        np.save(path, values)
    return PreparedData(data.folder)


def test_training_leaves_the_labels_alone_from_which_judges_learn(inputs, tmp_path) -> None:
    attributes = Attributes.of(inputs.faces, make_judges(tmp_path, "age_gender_v1"))
    odd = inputs.faces.split("train")["id"][:] % 2 == 1
    labels, known = attributes.training_labels(inputs.faces), attributes.standardized(inputs.faces, "train")
    judged = np.isin(attributes.names, ("age", "gender"))
    assert odd.any()
    assert np.isnan(labels[odd][:, ~judged]).all()
    np.testing.assert_array_equal(labels[~odd], known[~odd])
    np.testing.assert_array_equal(labels[:, judged], known[:, judged])


def test_labels_are_standardized_by_the_training_faces(inputs) -> None:
    attributes = Attributes.of(inputs.faces, inputs.face_judges)
    labels = attributes.standardized(inputs.faces, "train")
    assert attributes.names == inputs.faces.manifest.attributes
    np.testing.assert_allclose(np.nanmean(labels, 0), 0, atol=1e-4)
    np.testing.assert_allclose(np.nanstd(labels, 0), 1, atol=1e-4)
    assert (attributes.lowest < 0).all()
    assert (attributes.highest > 0).all()


def test_an_attribute_that_never_differs_is_left_out(inputs, tmp_path) -> None:
    faces = without(write_faces(tmp_path, COUNTS), 0, 2)
    attributes = Attributes.of(faces, inputs.face_judges)
    assert attributes.names == ("gender", "eye_distance", "mouth_open", "smile")
    assert attributes.standardized(faces, "val").shape == (4, 4)


def test_faces_without_any_attribute_are_refused(inputs, tmp_path) -> None:
    with pytest.raises(BadInputError, match="two different values"):
        Attributes.of(without(write_faces(tmp_path, COUNTS), *range(6)), inputs.face_judges)


def test_batches_keep_the_order_and_mirror_by_their_seed(inputs) -> None:
    split = inputs.faces.split("train")
    labels = Attributes.of(inputs.faces, inputs.face_judges).standardized(inputs.faces, "train")
    order = np.array([3, 1, 2, 0, 5])
    plain = list(Batches(split["image"], labels, order, batch_size=2))
    assert [len(images) for images, _ in plain] == [2, 2, 1]
    assert (to_faces(plain[0][0]) == split["image"][order[:2]]).all()
    np.testing.assert_array_equal(plain[1][1].numpy(), labels[[2, 0]])
    one, same, other = (
        np.concatenate([to_faces(images) for images, _ in Batches(split["image"], labels, order, 2, 0.5, (seed,))])
        for seed in (1, 1, 2)
    )
    assert (one == same).all()
    assert (one != other).any()
    mirrored = next(iter(Batches(split["image"], labels, order, 2, flip=1.0)))[0]
    assert (to_faces(mirrored)[:, :, ::-1] == split["image"][order[:2]]).all()


def test_images_are_levels_from_minus_one_to_one(inputs) -> None:
    faces = inputs.faces.split("val")["image"][:2]
    images = to_images(faces)
    assert -1 <= images.min() < images.max() <= 1
    assert (to_faces(images) == faces).all()
    assert (to_faces(images * 100) <= 255).all()
