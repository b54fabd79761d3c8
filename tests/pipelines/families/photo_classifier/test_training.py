import io
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from pipelines.families.photo_classifier import probe
from pipelines.families.photo_classifier.export import trained_network
from pipelines.families.photo_classifier.probe import fit_probe, item_weights
from pipelines.families.photo_classifier.step import class_weights
from pipelines.families.photo_classifier.training import (
    PhotoTraining,
    calibrated_loss,
    new_trainer,
    predict_logits,
    train,
)
from tests.helpers.training_logs import Logged, Recorder, StoppedError, assert_same, tensorflow_state

EPOCHS = 3


@pytest.fixture(scope="module")
def uninterrupted(inputs, make_settings, tmp_path_factory) -> tuple[Path, Logged]:
    folder, recorder = tmp_path_factory.mktemp("uninterrupted"), Recorder()
    train(inputs, make_settings(epochs=EPOCHS), recorder, folder)
    return folder, recorder.logged


def test_each_epoch_is_logged_once_with_a_sheet_of_augmented_photos(uninterrupted) -> None:
    _, logged = uninterrupted
    assert [epoch for epoch, _, _ in logged] == list(range(1, EPOCHS + 1))
    for _, metrics, images in logged:
        assert set(metrics) == {"train_cross_entropy", "train_loss", "val_loss", "val_top1"}
        assert np.isfinite(list(metrics.values())).all()
        assert Image.open(io.BytesIO(images["augmented"])).size[0] > 500


def test_resumed_and_uninterrupted_runs_have_the_same_results(inputs, make_settings, uninterrupted, tmp_path) -> None:
    settings = make_settings(epochs=EPOCHS)
    recorder = Recorder(stop_at=2)
    with pytest.raises(StoppedError):
        train(inputs, settings, recorder, tmp_path)
    keras.utils.set_random_seed(99)  # must have no effect
    resumed = Recorder()
    train(inputs, settings, resumed, tmp_path)
    assert recorder.logged + resumed.logged == uninterrupted[1]
    assert_same(tensorflow_state(tmp_path), tensorflow_state(uninterrupted[0]))


def test_frozen_stages_keep_their_weights_and_the_others_learn(inputs, make_settings, uninterrupted) -> None:
    settings = make_settings(epochs=EPOCHS)
    training = PhotoTraining(inputs, settings, uninterrupted[0])
    before = {variable.path: variable.numpy() for variable in training._trainer.network.variables}
    training.step(*next(training.batches(1)))
    changed = {
        variable.path.split("/")[0]
        for variable in training._trainer.network.variables
        if not np.array_equal(variable.numpy(), before[variable.path])
    }
    assert "stem" not in changed  # before the first trained stage
    assert {"head", "classifier", "blocks_1_depthwise"} <= changed


def test_a_small_network_learns_from_scratch(inputs, make_settings, tmp_path) -> None:
    recorder = Recorder()
    model = {"widths": [8, 16, 32]}
    easy = {"mixup": 0.0, "min_area": 0.9, "flips": "none", "color": 0.0}
    settings = make_settings("scratch", model, epochs=30, learning_rate=0.02, average_decay=0.8, augmentation=easy)
    train(inputs, settings, recorder, tmp_path)
    assert recorder.logged[-1][1]["val_top1"] > 0.8
    assert recorder.logged[0][1]["val_loss"] > recorder.logged[-1][1]["val_loss"]


def test_a_probe_has_one_epoch_without_steps(inputs, make_settings, tmp_path) -> None:
    recorder = Recorder()
    train(inputs, make_settings("probe"), recorder, tmp_path)
    ((epoch, metrics, _),) = recorder.logged
    assert epoch == 1
    assert metrics["val_top1"] > 0.5  # a third by chance


def test_the_backbone_sees_each_view_of_each_photo_once(inputs, make_settings, tmp_path, monkeypatch) -> None:
    seen = []
    monkeypatch.setattr(probe, "_features", lambda network, images, number, flips: seen.append(number) or
                        np.random.default_rng(number).random((len(images), 32), np.float32))  # fmt: skip
    for _ in range(2):
        new_trainer(inputs, make_settings("probe", probe={"views": 3}), tmp_path)
    assert seen == [0, 1, 2]
    new_trainer(inputs, make_settings("probe", probe={"views": 3, "l2": 1.0}), tmp_path)
    assert seen == [0, 1, 2], "another weight of the norm needs no new features"


def test_interpolation_moves_the_exported_weights(inputs, make_settings, tmp_path) -> None:
    weights = {}
    for share in (0.0, 0.5, 1.0):
        training = PhotoTraining(inputs, make_settings(interpolation=share), tmp_path)
        training.step(*next(training.batches(1)))
        weights[share] = training._trainer.exported_weights()
        initial = training._trainer.initial
    for start, half, end, zero in zip(initial, weights[0.5], weights[1.0], weights[0.0], strict=True):
        np.testing.assert_array_equal(zero, start)
        np.testing.assert_allclose(half, (start + end) / 2, rtol=1e-5, atol=1e-6)


def test_probe_separates_classes_that_are_separable() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 3
    features = (rng.normal(0, 1, (60, 8)) + 4 * np.eye(3, 8)[labels]).astype(np.float32) * 50 + 7
    kernel, bias = fit_probe(features, labels, 3, 0.01, balanced=False)
    assert ((features @ kernel + bias).argmax(1) == labels).mean() > 0.95


def test_rare_classes_get_more_weight() -> None:
    assert class_weights([1, 3], balanced=False) == [1.0, 1.0]
    assert class_weights([1, 3], balanced=True) == pytest.approx([2.0, 2 / 3])
    weights = item_weights(np.array([0, 1, 1, 1]), 2, balanced=True)
    assert weights.mean() == pytest.approx(1)
    assert weights[0] == pytest.approx(weights[1:].sum())


def test_training_stops_when_validation_no_longer_improves(inputs, make_settings, tmp_path) -> None:
    """Steps that are far too large make it worse from the second epoch on; the best weights are kept when resumed."""
    settings = make_settings(epochs=9, patience=2, learning_rate=0.3, head_learning_rate=0.3, average_decay=0.0)
    recorder = Recorder()
    train(inputs, settings, recorder, tmp_path)
    losses = [metrics["val_loss"] for _, metrics, _ in recorder.logged]
    best = int(np.argmin(losses))
    assert len(losses) == best + 3 < 9
    again = Recorder()
    train(inputs, settings, again, tmp_path)
    assert again.logged == [], "a training that has stopped is finished"
    network = trained_network(inputs, settings, tmp_path)
    logits, labels = predict_logits(network, inputs.photos, "val")
    assert calibrated_loss(logits, labels) == pytest.approx(losses[best], rel=1e-5)


def test_without_patience_the_last_weights_are_exported(inputs, make_settings, tmp_path) -> None:
    recorder, settings = Recorder(), make_settings(epochs=4, learning_rate=0.3, head_learning_rate=0.3)
    train(inputs, settings, recorder, tmp_path)
    assert len(recorder.logged) == 4
    logits, labels = predict_logits(trained_network(inputs, settings, tmp_path), inputs.photos, "val")
    assert calibrated_loss(logits, labels) == pytest.approx(recorder.logged[-1][1]["val_loss"], rel=1e-5)


def test_the_validation_loss_does_not_depend_on_how_sure_a_network_is() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 3
    logits = (np.eye(3)[labels] + rng.normal(0, 1, (60, 3))).astype(np.float32)
    assert calibrated_loss(logits / 2, labels) == pytest.approx(calibrated_loss(logits, labels), rel=1e-3)
    assert calibrated_loss(logits, labels) < calibrated_loss(rng.permutation(logits), labels)
