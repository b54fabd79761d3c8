import io
import itertools
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from atelier.errors import AtelierError, BadInputError
from pipelines.families.fast_style import training
from pipelines.families.fast_style.progress import Progress
from pipelines.families.fast_style.styles import select_styles
from pipelines.families.fast_style.training import train
from pipelines.training.on_tensorflow.tensor_ops import shifted
from pipelines.training.style_transfer import MAX_SHIFT
from tests.helpers.image_sets import write_image_set
from tests.helpers.perceptual_networks import write_perceptual
from tests.helpers.training_logs import Logged, Recorder, StoppedError, assert_same, tensorflow_state


@pytest.fixture(scope="module")
def uninterrupted(inputs, make_settings, tmp_path_factory) -> tuple[Path, Logged]:
    folder, recorder = tmp_path_factory.mktemp("uninterrupted"), Recorder()
    train(inputs, make_settings(), recorder, folder)
    return folder, recorder.logged


def test_each_epoch_is_logged_once_with_every_loss_by_name(uninterrupted) -> None:
    _, logged = uninterrupted
    assert [epoch for epoch, _, _ in logged] == [1, 2, 3, 4]
    losses = {"content", "style", "variation"}
    assert set(logged[0][1]) == {f"{part}_{name}" for part in ("train", "val") for name in losses} | {
        "train_loss",
        "val_distance",
    }
    for _, metrics, _ in logged:
        assert np.isfinite(list(metrics.values())).all()
        assert metrics["val_distance"] == pytest.approx(metrics["val_content"] + metrics["val_style"])


def test_sheets_are_logged_at_intervals_and_after_the_last_epoch(uninterrupted) -> None:
    sheets = {epoch: images["samples"] for epoch, _, images in uninterrupted[1] if images}
    assert sorted(sheets) == [3, 4]
    first, last = (np.asarray(Image.open(io.BytesIO(sheets[epoch]))) for epoch in (3, 4))
    assert first.shape == last.shape
    assert (first != last).any()


def test_a_checkpoint_contains_the_whole_state(inputs, make_settings, uninterrupted) -> None:
    """Weights, moments of the optimizer, and counters."""
    trainer = training.new_trainer(inputs, make_settings())
    variables = [*trainer.network.variables, *trainer.optimizer.variables]
    values = sum(int(np.prod(variable.shape)) for variable in variables)
    assert sum(value.size for value in tensorflow_state(uninterrupted[0]).values()) >= values + 2


def test_resumed_and_uninterrupted_runs_have_the_same_results(inputs, make_settings, uninterrupted, tmp_path) -> None:
    recorder = Recorder(stop_at=3)
    with pytest.raises(StoppedError):
        train(inputs, make_settings(), recorder, tmp_path)
    keras.utils.set_random_seed(99)  # must have no effect
    resumed = Recorder()
    train(inputs, make_settings(), resumed, tmp_path)
    assert recorder.logged + resumed.logged == uninterrupted[1]
    assert_same(tensorflow_state(tmp_path), tensorflow_state(uninterrupted[0]))


def test_a_finished_training_is_not_repeated(inputs, make_settings, uninterrupted) -> None:
    folder, _ = uninterrupted
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    train(inputs, make_settings(), Recorder(stop_at=1), folder)
    assert before == {path: path.stat().st_mtime_ns for path in folder.iterdir()}


def test_the_content_constraint_is_resumed(inputs, make_settings, uninterrupted, tmp_path) -> None:
    settings = make_settings(content_constraint={"distance": 0.2, "start_epoch": 1, "rate": 0.01})
    with pytest.raises(StoppedError):
        train(inputs, settings, Recorder(stop_at=3), tmp_path / "stopped")
    for folder in (tmp_path / "stopped", tmp_path / "whole"):
        train(inputs, settings, Recorder(), folder)
    stopped, whole = (tensorflow_state(tmp_path / name) for name in ("stopped", "whole"))
    assert_same(stopped, whole)
    (factor,) = (value for name, value in whole.items() if name.startswith("content_factor"))
    assert factor > 1


@pytest.mark.parametrize("change", [{"batch_size": 3}, {"seed": 1}, {"styles": {"count": 3}}])
def test_checkpoints_of_other_settings_are_refused(inputs, make_settings, uninterrupted, change) -> None:
    with pytest.raises(BadInputError, match="other settings"):
        train(inputs, make_settings(**change), Recorder(), uninterrupted[0])


@pytest.mark.parametrize("name", ["coco", "van_gogh", "perceptual"])
def test_checkpoints_of_other_data_are_refused(inputs, make_settings, uninterrupted, tmp_path, name) -> None:
    other = write_perceptual(tmp_path, "random", 9) if name == "perceptual" else write_image_set(tmp_path / name, 9)
    with pytest.raises(BadInputError, match="other data"):
        train(replace(inputs, **{name: other}), make_settings(), Recorder(), uninterrupted[0])


def test_validation_parameters_do_not_change_the_fingerprint(inputs, make_settings, uninterrupted) -> None:
    settings = make_settings(val_items=1, sheet_every=1)
    train(inputs, settings, Recorder(stop_at=1), uninterrupted[0])


def test_weights_that_are_nan_stop_training_and_earlier_checkpoints_are_kept(
    inputs, make_settings, tmp_path, monkeypatch
) -> None:
    """The losses of this step are finite, because they are computed before its update."""
    epoch = itertools.count(1)
    measure = Progress.measure

    def set_nan(self, trainer):
        if next(epoch) == 2:
            trainer.network.set_weights([weight * np.nan for weight in trainer.network.get_weights()])
        return measure(self, trainer)

    monkeypatch.setattr(Progress, "measure", set_nan)
    recorder = Recorder()
    with pytest.raises(AtelierError, match=r"diverged in epoch 2.*Lower training\.learning_rate"):
        train(inputs, make_settings(), recorder, tmp_path)
    assert np.isnan(recorder.logged[-1][1]["val_distance"])
    assert [path.stem for path in tmp_path.glob("*.index")] == ["epoch-1"]


def test_training_lowers_the_style_distance(inputs, make_settings, tmp_path) -> None:
    recorder = Recorder()
    settings = make_settings(epochs=2, epoch_items=80, learning_rate=0.01)
    train(inputs, settings, recorder, tmp_path)
    styles = select_styles(inputs.van_gogh, settings.styles)
    before = Progress(inputs.coco, styles, 2, 32).measure(training.new_trainer(inputs, settings))
    assert recorder.logged[-1][1]["val_style"] < 0.8 * before["val_style"]


def test_images_are_shifted_by_up_to_the_largest_shift() -> None:
    image = np.arange(2 * 12 * 10 * 3, dtype=np.float32).reshape(2, 12, 10, 3)
    at = MAX_SHIFT
    np.testing.assert_array_equal(shifted(image, (at, at)), image)
    np.testing.assert_array_equal(shifted(image, (at + 2, at - 1))[:, :-2, 1:], image[:, 2:, :-1])
    np.testing.assert_array_equal(shifted(image, (0, at))[:, 0], image[:, at])  # mirrored at the border
