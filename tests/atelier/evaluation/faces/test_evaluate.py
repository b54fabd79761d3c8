import io

import numpy as np
import pytest
from PIL import Image

from atelier.errors import BadInputError
from atelier.evaluation.faces.evaluate import evaluate_faces
from atelier.evaluation.faces.settings import FaceEvaluationSettings
from atelier.evaluation.results import Evaluation
from atelier.onnx.model import OnnxModel
from atelier.predictors.face_editor import FaceEditor
from pipelines.fetch.face_networks import FaceJudgesFetch, fetch_judges
from tests.helpers.face_sets import LinearEditor, write_faces
from tests.helpers.perceptual_networks import write_perceptual

SETTINGS = FaceEvaluationSettings(
    resamples=60,
    seed=0,
    faces=30,
    requests=(-2, -1, 1, 2),
    adult_age=18,
    judge_ridge=1.0,
    components=60,
    baseline_ridge=0.01,
    training_faces=500,
    sheet_faces=3,
)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faces")
    judges = fetch_judges(folder / "judges", FaceJudgesFetch(network="measured", source="sample", mirror=None))
    return write_faces(folder / "data"), write_perceptual(folder / "perceptual", "random"), judges


def evaluate(world, strength=1.0, settings=SETTINGS):
    data, perceptual, judges = world
    linear = LinearEditor(data, strength=strength)
    parts = {part: OnnxModel(model.SerializeToString()) for part, model in linear.models.items()}
    editor = FaceEditor(parts["encoder"], parts["decoder"], linear.spec)
    return evaluate_faces(editor, parts["mapping"], data, perceptual, judges, settings)


@pytest.fixture(scope="module")
def evaluation(world):
    return evaluate(world)


def value(evaluation, name):
    return evaluation.metrics[name].value


def test_a_model_that_is_the_baseline_is_as_good_as_the_baseline(evaluation) -> None:
    for name in ("l2", "perceptual", "ssim", "age_slope", "age_r", "age_leak", "identity"):
        assert value(evaluation, name) == pytest.approx(value(evaluation, f"eigenfaces_{name}"), abs=0.02), name


def test_a_reconstruction_is_better_than_the_mean_face(evaluation) -> None:
    assert value(evaluation, "l2") < 0.5 * value(evaluation, "mean_face_l2")
    assert value(evaluation, "ssim") > value(evaluation, "mean_face_ssim")


def test_an_edit_by_nothing_is_the_reconstruction(evaluation) -> None:
    assert value(evaluation, "zero_edit") == 0


def test_slopes_double_with_the_directions(world, evaluation) -> None:
    stronger = evaluate(world, strength=2.0)
    assert value(evaluation, "age_slope") == pytest.approx(1, abs=0.3)
    assert value(stronger, "age_slope") > 1.5 * value(evaluation, "age_slope")
    assert value(stronger, "identity") < value(evaluation, "identity")


def test_judges_are_judged_by_labels(evaluation) -> None:
    assert value(evaluation, "age_judge_r") > 0.95


def test_adults_are_a_subset_with_its_ids(evaluation) -> None:
    ids = evaluation.subset_ids["age_to_gender_adults"]
    assert 0 < len(ids) < 30
    assert len(evaluation.items["age_to_gender_adults"]) == len(ids)
    assert evaluation.tables["leakage.json"]["adults"]["age"]["gender"] == pytest.approx(
        value(evaluation, "age_to_gender_adults"), abs=1e-3
    )


def test_samples_are_farther_from_test_faces_than_training_faces_are(evaluation) -> None:
    assert value(evaluation, "samples") > value(evaluation, "samples_reference")


def test_sheets_and_tables(evaluation, tmp_path) -> None:
    assert {"reconstructions.png", "samples.png", "leakage.png", "edits_age.png"} <= evaluation.pictures.keys()
    for content in evaluation.pictures.values():
        assert Image.open(io.BytesIO(content)).size[0] > 100
    rows = [(row["asked"], row["moved"]) for row in evaluation.tables["range.json"] if row["attribute"] == "age"]
    assert [asked for asked, _ in rows] == [-2, -1, 1, 2]
    assert np.all(np.diff([moved for _, moved in rows]) > 0)
    assert [row["model"] for row in evaluation.tables["comparison.json"]] == ["model", "eigenfaces", "mean_face"]
    evaluation.write(tmp_path)
    assert Evaluation.read(tmp_path).metrics.keys() == evaluation.metrics.keys()


def test_items_are_of_the_model_and_every_mean_has_an_interval(evaluation) -> None:
    assert not [name for name in evaluation.items if name.startswith(("eigenfaces", "mean_face"))]
    for name, values in evaluation.items.items():
        metric = evaluation.metrics[name]
        assert metric.value == pytest.approx(np.mean(values))
        assert metric.low <= metric.value <= metric.high


def test_attributes_without_a_direction_do_not_move(world) -> None:
    """The gate needs their metrics, to compare models that can edit different attributes."""
    data, perceptual, judges = world
    linear = LinearEditor(data)
    parts = {part: OnnxModel(model.SerializeToString()) for part, model in linear.models.items()}
    editor = FaceEditor(parts["encoder"], parts["decoder"], linear.spec.model_copy(update={"directions": ()}))
    found = evaluate_faces(editor, parts["mapping"], data, perceptual, judges, SETTINGS)
    assert "l2" in found.metrics
    for metric in ("smile_slope", "smile_leak", "age_slope"):
        assert found.metrics[metric].value == 0
    assert (found.items["smile_slope"] == 0).all()


def test_too_few_faces(world, tmp_path) -> None:
    data = write_faces(tmp_path / "few", {"train": 20, "val": 2, "test": 1})
    with pytest.raises(BadInputError, match="fewer than two test faces"):
        evaluate((data, *world[1:]), settings=SETTINGS)
