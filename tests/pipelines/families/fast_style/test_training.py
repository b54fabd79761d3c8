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
from pipelines.families.fast_style.styles import choose
from pipelines.families.fast_style.training import train
from pipelines.training.on_tensorflow.tensor_ops import shifted
from pipelines.training.style_transfer import MAX_SHIFT
from tests.helpers.image_sets import write_image_set
from tests.helpers.perceptual_networks import write_perceptual
from tests.helpers.training_logs import Logged, Recorder, StoppedError, assert_same, tensorflow_state


@pytest.fixture(scope="module")
def unbroken(inputs, make_settings, tmp_path_factory) -> tuple[Path, Logged]:
    folder, recorder = tmp_path_factory.mktemp("unbroken"), Recorder()
    train(inputs, make_settings(), recorder, folder)
    return folder, recorder.logged


def test_each_epoch_is_logged_once_with_every_loss_by_name(unbroken) -> None:
    _, logged = unbroken
    assert [epoch for epoch, _, _ in logged] == [1, 2, 3, 4]
    losses = {"content", "style", "variation"}
    assert set(logged[0][1]) == {f"{part}_{name}" for part in ("train", "val") for name in losses} | {
        "train_loss",
        "val_distance",
    }
    for _, metrics, _ in logged:
        assert np.isfinite(list(metrics.values())).all()
        assert metrics["val_distance"] == pytest.approx(metrics["val_content"] + metrics["val_style"])


def test_sheets_show_the_same_photos_every_few_epochs_and_at_the_end(unbroken) -> None:
    sheets = {epoch: pictures["samples"] for epoch, _, pictures in unbroken[1] if pictures}
    assert sorted(sheets) == [3, 4]
    first, last = (np.asarray(Image.open(io.BytesIO(sheets[epoch]))) for epoch in (3, 4))
    assert first.shape == last.shape
    assert (first != last).any()


def test_a_checkpoint_holds_all_there_is_to_go_on_with(inputs, make_settings, unbroken) -> None:
    """The weights, their moments, and the counters: every number of the state."""
    trainer = training.new_trainer(inputs, make_settings())
    variables = [*trainer.network.variables, *trainer.optimizer.variables]
    numbers = sum(int(np.prod(variable.shape)) for variable in variables)
    assert sum(value.size for value in tensorflow_state(unbroken[0]).values()) >= numbers + 2


def test_resuming_repeats_the_unbroken_run_bit_by_bit(inputs, make_settings, unbroken, tmp_path) -> None:
    recorder = Recorder(stop_at=3)
    with pytest.raises(StoppedError):
        train(inputs, make_settings(), recorder, tmp_path)
    keras.utils.set_random_seed(99)  # whatever was drawn before must not matter
    going_on = Recorder()
    train(inputs, make_settings(), going_on, tmp_path)
    assert recorder.logged + going_on.logged == unbroken[1]
    assert_same(tensorflow_state(tmp_path), tensorflow_state(unbroken[0]))


def test_a_finished_training_is_not_begun_again(inputs, make_settings, unbroken) -> None:
    folder, _ = unbroken
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    train(inputs, make_settings(), Recorder(stop_at=1), folder)
    assert before == {path: path.stat().st_mtime_ns for path in folder.iterdir()}


def test_a_held_content_distance_is_held_after_a_stop_too(inputs, make_settings, unbroken, tmp_path) -> None:
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
def test_checkpoints_of_other_settings_are_not_taken_up(inputs, make_settings, unbroken, change) -> None:
    with pytest.raises(BadInputError, match="other settings"):
        train(inputs, make_settings(**change), Recorder(), unbroken[0])


@pytest.mark.parametrize("name", ["coco", "van_gogh", "perceptual"])
def test_nor_are_those_of_other_data(inputs, make_settings, unbroken, tmp_path, name) -> None:
    other = write_perceptual(tmp_path, "random", 9) if name == "perceptual" else write_image_set(tmp_path / name, 9)
    with pytest.raises(BadInputError, match="other data"):
        train(replace(inputs, **{name: other}), make_settings(), Recorder(), unbroken[0])


def test_what_is_only_looked_at_has_no_say(inputs, make_settings, unbroken) -> None:
    settings = make_settings(val_items=1, sheet_every=1)
    train(inputs, settings, Recorder(stop_at=1), unbroken[0])


def test_weights_that_became_nan_stop_training_and_keep_the_last_good_checkpoint(
    inputs, make_settings, tmp_path, monkeypatch
) -> None:
    """The losses of that step were still finite: they were computed before it."""
    epoch = itertools.count(1)
    measure = Progress.measure

    def spoil(self, trainer):
        if next(epoch) == 2:
            trainer.network.set_weights([weight * np.nan for weight in trainer.network.get_weights()])
        return measure(self, trainer)

    monkeypatch.setattr(Progress, "measure", spoil)
    recorder = Recorder()
    with pytest.raises(AtelierError, match=r"diverged in epoch 2.*Lower training\.learning_rate"):
        train(inputs, make_settings(), recorder, tmp_path)
    assert np.isnan(recorder.logged[-1][1]["val_distance"])
    assert [path.stem for path in tmp_path.glob("*.index")] == ["epoch-1"]


def test_pictures_come_nearer_to_their_paintings(inputs, make_settings, tmp_path) -> None:
    recorder = Recorder()
    settings = make_settings(epochs=2, epoch_items=80, learning_rate=0.01)
    train(inputs, settings, recorder, tmp_path)
    styles = choose(inputs.van_gogh, settings.styles)
    before = Progress(inputs.coco, styles, 2, 32).measure(training.new_trainer(inputs, settings))
    assert recorder.logged[-1][1]["val_style"] < 0.8 * before["val_style"]


def test_images_are_shifted_by_up_to_the_largest_shift() -> None:
    image = np.arange(2 * 12 * 10 * 3, dtype=np.float32).reshape(2, 12, 10, 3)
    at = MAX_SHIFT
    np.testing.assert_array_equal(shifted(image, (at, at)), image)
    np.testing.assert_array_equal(shifted(image, (at + 2, at - 1))[:, :-2, 1:], image[:, 2:, :-1])
    np.testing.assert_array_equal(shifted(image, (0, at))[:, 0], image[:, at])  # mirrored at the border
