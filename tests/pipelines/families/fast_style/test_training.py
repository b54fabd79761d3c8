import io
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from atelier.errors import AtelierError, BadInputError
from pipelines.families.fast_style import training
from pipelines.families.fast_style.nodes import train
from pipelines.families.fast_style.step import moved
from pipelines.training.style_transfer import FARTHEST_SHIFT
from tests.helpers.image_sets import write_image_set
from tests.helpers.perceptual_networks import write_perceptual
from tests.helpers.training_logs import Logged, Recorder, StoppedError, assert_same, tensorflow_state


@pytest.fixture(scope="module")
def unbroken(handles, make_settings, tmp_path_factory) -> tuple[Path, Logged]:
    folder, recorder = tmp_path_factory.mktemp("unbroken"), Recorder()
    train(**handles, settings=make_settings(), log=recorder, folder=folder)
    return folder, recorder.logged


def test_each_epoch_is_logged_once_with_every_loss_by_name(unbroken) -> None:
    _, logged = unbroken
    assert [epoch for epoch, _, _ in logged] == [1, 2, 3, 4]
    losses = {"content", "style", "variation"}
    assert set(logged[0][1]) == losses | {f"val_{name}" for name in losses} | {"loss", "val_distance"}
    for _, metrics, _ in logged:
        assert np.isfinite(list(metrics.values())).all()
        assert metrics["val_distance"] == pytest.approx(metrics["val_content"] + metrics["val_style"])


def test_sheets_show_the_same_photos_every_few_epochs_and_at_the_end(unbroken) -> None:
    sheets = {epoch: pictures["pictures"] for epoch, _, pictures in unbroken[1] if pictures}
    assert sorted(sheets) == [3, 4]
    first, last = (np.asarray(Image.open(io.BytesIO(sheets[epoch]))) for epoch in (3, 4))
    assert first.shape == last.shape
    assert (first != last).any()


def test_a_checkpoint_holds_all_there_is_to_go_on_with(handles, make_settings, unbroken) -> None:
    """The weights, their moments, and the counters: every number of the state."""
    painter = training.new_painter(handles["van_gogh"], handles["perceptual"], make_settings())
    variables = [*painter.network.variables, *painter.optimizer.variables]
    numbers = sum(int(np.prod(variable.shape)) for variable in variables)
    assert sum(value.size for value in tensorflow_state(unbroken[0]).values()) >= numbers + 2


def test_resuming_repeats_the_unbroken_run_bit_by_bit(handles, make_settings, unbroken, tmp_path) -> None:
    recorder = Recorder(stop_at=3)
    with pytest.raises(StoppedError):
        train(**handles, settings=make_settings(), log=recorder, folder=tmp_path)
    keras.utils.set_random_seed(99)  # whatever was drawn before must not matter
    going_on = Recorder()
    train(**handles, settings=make_settings(), log=going_on, folder=tmp_path)
    assert recorder.logged + going_on.logged == unbroken[1]
    assert_same(tensorflow_state(tmp_path), tensorflow_state(unbroken[0]))


def test_a_finished_training_is_not_begun_again(handles, make_settings, unbroken) -> None:
    folder, _ = unbroken
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    train(**handles, settings=make_settings(), log=Recorder(stop_at=1), folder=folder)
    assert before == {path: path.stat().st_mtime_ns for path in folder.iterdir()}


def test_a_held_content_distance_is_held_after_a_stop_too(handles, make_settings, unbroken, tmp_path) -> None:
    settings = make_settings(hold={"content": 0.2, "after": 1})
    with pytest.raises(StoppedError):
        train(**handles, settings=settings, log=Recorder(stop_at=3), folder=tmp_path / "stopped")
    for folder in (tmp_path / "stopped", tmp_path / "whole"):
        train(**handles, settings=settings, log=Recorder(), folder=folder)
    stopped, whole = (tensorflow_state(tmp_path / name) for name in ("stopped", "whole"))
    assert_same(stopped, whole)
    (factor,) = (value for name, value in whole.items() if name.startswith("content_factor"))
    assert factor > 1


@pytest.mark.parametrize("change", [{"batch_size": 3}, {"seed": 1}, {"styles": {"count": 3}}])
def test_checkpoints_of_other_settings_are_not_taken_up(handles, make_settings, unbroken, change) -> None:
    with pytest.raises(BadInputError, match="other settings"):
        train(**handles, settings=make_settings(**change), log=Recorder(), folder=unbroken[0])


@pytest.mark.parametrize("name", ["coco", "van_gogh", "perceptual"])
def test_nor_are_those_of_other_data(handles, make_settings, unbroken, tmp_path, name) -> None:
    other = write_perceptual(tmp_path, "random", 9) if name == "perceptual" else write_image_set(tmp_path / name, 9)
    with pytest.raises(BadInputError, match="other data"):
        train(**(handles | {name: other}), settings=make_settings(), log=Recorder(), folder=unbroken[0])


def test_what_is_only_looked_at_has_no_say(handles, make_settings, unbroken) -> None:
    settings = make_settings(val_photos=1, sheet_every=1)
    train(**handles, settings=settings, log=Recorder(stop_at=1), folder=unbroken[0])


def test_numbers_that_are_none_stop_training_and_keep_the_last_good_checkpoint(
    handles, make_settings, tmp_path, monkeypatch
) -> None:
    """The losses of an epoch's last step are still numbers: they were taken before it."""
    whole_epoch = training._train_epoch

    def spoil(painter, coco, recipe, epoch):
        metrics = whole_epoch(painter, coco, recipe, epoch)
        if epoch == 2:
            painter.network.set_weights([weight * np.nan for weight in painter.network.get_weights()])
        return metrics

    monkeypatch.setattr(training, "_train_epoch", spoil)
    recorder = Recorder()
    with pytest.raises(AtelierError, match=r"diverged in epoch 2.*Lower training\.learning_rate"):
        train(**handles, settings=make_settings(), log=recorder, folder=tmp_path)
    assert np.isnan(recorder.logged[-1][1]["val_distance"])
    assert [path.stem for path in tmp_path.glob("*.index")] == ["epoch-1"]


def test_pictures_come_nearer_to_their_paintings(handles, make_settings, tmp_path) -> None:
    recorder = Recorder()
    settings = make_settings(epochs=2, steps=40, learning_rate=0.01)
    train(**handles, settings=settings, log=recorder, folder=tmp_path)
    painter = training.new_painter(handles["van_gogh"], handles["perceptual"], settings)
    styles = training.choose(handles["van_gogh"], settings.styles)
    before = training.Progress(handles["coco"], styles, 2, 32).measure(painter)
    assert recorder.logged[-1][1]["val_style"] < 0.8 * before["val_style"]


def test_the_judge_looks_from_any_place_within_reach() -> None:
    image = np.arange(2 * 12 * 10 * 3, dtype=np.float32).reshape(2, 12, 10, 3)
    at = FARTHEST_SHIFT
    np.testing.assert_array_equal(moved(image, (at, at)), image)
    np.testing.assert_array_equal(moved(image, (at + 2, at - 1))[:, :-2, 1:], image[:, 2:, :-1])
    np.testing.assert_array_equal(moved(image, (0, at))[:, 0], image[:, at])  # mirrored at the border
