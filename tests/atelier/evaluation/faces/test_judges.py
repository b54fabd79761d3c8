import numpy as np
import pytest

from atelier.evaluation.faces.judges import Judges, oriented_gradients
from atelier.pretrained.faces.judges import FaceJudges
from pipelines.fetch.face_networks import FaceJudgesFetch, fetch_judges
from tests.helpers.face_sets import write_faces


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_faces(tmp_path_factory.mktemp("faces"), {"train": 500, "val": 4, "test": 60})


@pytest.fixture
def measured(tmp_path) -> FaceJudges:
    return fetch_judges(tmp_path, FaceJudgesFetch(network="measured", source="sample", mirror=None))


def test_gradients_tell_the_orientation_of_stripes_and_not_their_contrast() -> None:
    down = np.arange(64)[:, None, None] // 4 % 2 * np.ones((1, 64, 3))
    upright = oriented_gradients((200 * down[None]).astype(np.uint8))
    faint = oriented_gradients((120 * down[None] + 40).astype(np.uint8))
    lying = oriented_gradients((200 * down[None].swapaxes(1, 2)).astype(np.uint8))
    assert (upright * faint).sum() / np.linalg.norm(upright) / np.linalg.norm(faint) > 0.99
    assert (upright * lying).sum() / np.linalg.norm(upright) / np.linalg.norm(lying) < 0.1


def test_what_nobody_else_judges_a_regression_learns_from_odd_training_faces(data, measured, monkeypatch) -> None:
    monkeypatch.setattr(FaceJudges, "attributes", ())
    judges = Judges(measured, data, 1000, 1.0)
    test = data.split("test")
    labels = test["attributes"][:]
    assert set(judges.kinds.values()) == {"regression"}
    for name in ("mouth_open", "gender"):
        answers = judges(test["image"][:])
        assert np.corrcoef(answers[name], labels[:, data.manifest.attributes.index(name)])[0, 1] > 0.6, name
    even = data.split("train")["id"][:] % 2 == 0
    learned = []
    monkeypatch.setattr(
        "atelier.evaluation.faces.judges.Ridge", lambda features, column, penalty: learned.append(column)
    )
    Judges(measured, data, 1000, 1.0)
    assert {len(column) for column in learned} == {int((~even).sum())}


def test_a_judge_that_is_there_is_taken(data, measured) -> None:
    judges = Judges(measured, data, 1000, 1.0)
    assert set(judges.kinds.values()) == {"measured"}
    assert list(judges(data.split("test")["image"][:2])) == list(data.manifest.attributes)


def test_with_few_labels_there_is_no_judge(tmp_path, measured, monkeypatch) -> None:
    monkeypatch.setattr(FaceJudges, "attributes", ())
    few = write_faces(tmp_path / "few", {"train": 20, "val": 4, "test": 4})
    judges = Judges(measured, few, 1000, 1.0)
    assert judges.kinds == judges(few.split("test")["image"][:]) == {}
