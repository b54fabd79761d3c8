import numpy as np
import pytest
from PIL import Image

from atelier.errors import BadInputError
from atelier.onnx.model import OnnxModel
from pipelines.families.photo_classifier.evaluation import evaluate
from pipelines.families.photo_classifier.export import export, trained_network
from pipelines.families.photo_classifier.model import KnownFeatures
from pipelines.families.photo_classifier.training import train
from tests.helpers.family_settings import family_settings
from tests.helpers.photo_sets import LABELS, SIZE
from tests.helpers.training_logs import Recorder


@pytest.fixture(scope="module")
def exported(inputs, make_settings, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    settings = make_settings("probe")
    train(inputs, settings, Recorder(), folder / "checkpoint")
    target = folder / "model.onnx"
    return export(inputs, settings, folder / "checkpoint", target), OnnxModel(target), settings


def test_file_and_network_have_equal_outputs(exported) -> None:
    assert exported[0].parity["model"] < 1e-4


@pytest.mark.parametrize("shape", [(1, SIZE, SIZE), (3, SIZE, SIZE), (2, 33, 71), (1, 200, 100)])
def test_any_number_of_photos_of_any_size(exported, shape) -> None:
    photos = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    probabilities = exported[1](image=photos)["probabilities"]
    assert probabilities.shape == (shape[0], len(LABELS))
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-5)


def test_the_file_resizes_as_the_network_was_trained(inputs, exported) -> None:
    """The resize is in the graph: twice the resolution gives nearly the same probabilities."""
    photos = inputs.photos.split("test")["image"][:4]
    larger = np.stack(
        [np.asarray(Image.fromarray(each).resize((80, 80), Image.Resampling.BILINEAR)) for each in photos]
    )
    one, other = (exported[1](image=each)["probabilities"] for each in (photos, larger))
    assert np.abs(one - other).max() < 0.15


def test_averaging_over_the_mirror_image_makes_both_equal(inputs, make_settings, tmp_path) -> None:
    settings = make_settings("probe", model={"mirror_average": True})
    train(inputs, settings, Recorder(), tmp_path)
    export(inputs, settings, tmp_path, tmp_path / "model.onnx")
    photos = inputs.photos.split("test")["image"][:4]
    one, other = (OnnxModel(tmp_path / "model.onnx")(image=x)["probabilities"] for x in (photos, photos[:, :, ::-1]))
    np.testing.assert_allclose(one, other, atol=1e-5)


def test_the_file_may_use_larger_photos_than_the_training(inputs, make_settings, tmp_path) -> None:
    same, larger = (make_settings(epochs=1, model={"served_scale": scale}) for scale in (1.0, 2.0))
    assert make_settings("probe", model={"served_scale": 2.0}).model.size_in_file == 32, "it learns from whole photos"
    train(inputs, same, Recorder(), tmp_path)
    networks = [trained_network(inputs, settings, tmp_path) for settings in (same, larger)]
    assert [network.input_shape[1] for network in networks] == [32, 64]
    for one, other in zip(*(network.get_weights() for network in networks), strict=True):
        np.testing.assert_array_equal(one, other)


def test_class_names_in_any_script_and_the_threshold_are_in_the_card(exported) -> None:
    spec = exported[0].spec
    assert spec.labels == LABELS
    assert -1 < spec.unsure_below < 1
    assert spec.preprocessing.size == (SIZE, SIZE)


def test_the_threshold_keeps_the_wanted_fraction_of_validation_photos(inputs, exported) -> None:
    report, model, settings = exported
    familiarity = model(image=inputs.photos.split("val")["image"][:])["familiarity"]
    assert np.abs(familiarity).max() <= 1.0001
    kept = (familiarity >= report.spec.unsure_below).mean()
    assert kept == pytest.approx(settings.unsure.keep, abs=1 / len(familiarity))


def test_known_features_point_from_the_mean_of_all_classes_to_that_of_each() -> None:
    features = np.array([[1, 0], [3, 0], [0, 5], [0, 7]], np.float32)
    known = KnownFeatures.of(features, np.array([0, 0, 1, 1]))
    np.testing.assert_allclose(known.mean, [1, 3])
    np.testing.assert_allclose(known.directions.T, np.array([[1, -3], [-1, 3]]) / np.sqrt(10), rtol=1e-6)


def test_an_unfinished_training_is_not_exported(inputs, make_settings, tmp_path) -> None:
    with pytest.raises(BadInputError, match="not finished"):
        export(inputs, make_settings("scratch"), tmp_path, tmp_path / "model.onnx")


def test_evaluation_has_intervals_over_groups_and_false_alarms(inputs, exported) -> None:
    report, model, settings = exported
    evaluation = evaluate(inputs, model, report.spec, settings)
    disturbed = {f"top1_{name}" for name in ("dark", "bright", "blur", "jpeg", "rotation")}
    assert set(evaluation.metrics) == {"top1", "top3", "map3", "macro_f1", "ece", "unsure", "false_alarms", *disturbed}
    assert {"confusion.png", "worst_mistakes.png", "looked_at.png"} <= set(evaluation.pictures)
    assert len(np.unique(evaluation.units["photos"])) == len(evaluation.item_ids) / 2
    single = evaluate(_without_groups(inputs), model, report.spec, settings).metrics["top1"]
    grouped = evaluation.metrics["top1"]
    assert grouped.value == single.value
    assert grouped.high - grouped.low != single.high - single.low


def test_without_unknown_photos_there_are_no_false_alarms(inputs, exported) -> None:
    settings = family_settings("photo_classifier", {"unsure": {"unknown_photos": False}}, "test")
    assert "false_alarms" not in evaluate(inputs, exported[1], exported[0].spec, settings).metrics


def _without_groups(inputs):
    class Ungrouped(type(inputs.photos)):
        def split(self, name):
            return {field: array for field, array in super().split(name).items() if field != "group"}

    return type(inputs)(Ungrouped(inputs.photos.folder), inputs.landscapes, inputs.backbone)
