"""The training loop of the TensorFlow families, with a training of one variable."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from atelier.errors import AtelierError, BadInputError
from pipelines.training.on_tensorflow.trainer import fit
from tests.helpers.training_logs import Recorder, StoppedError, assert_same, tensorflow_state


class SumTraining:
    """Adds each batch to a variable. `nan_epoch`: the variable is NaN at the end of this epoch."""

    steps = 3
    batch_size = 2

    def __init__(
        self, nan_epoch: int = 0, problem: dict[int, str] | None = None, unsaved: tuple[int, ...] = ()
    ) -> None:
        self.total = tf.Variable(0.0)
        self.state = {"total": self.total}
        self._nan_epoch, self._problem, self._unsaved, self._epoch = nan_epoch, problem or {}, unsaved, 0

    def batches(self, epoch):
        self._epoch = epoch
        yield from ((tf.constant(float(epoch)),) for _ in range(self.steps))

    def step(self, value):
        self.total.assign_add(value)
        return {"loss": value, "late": value} if self._epoch > 1 else {"loss": value}

    def validate(self):
        if self._epoch == self._nan_epoch:
            self.total.assign(math.nan)
        return {"val_total": float(self.total)}

    def sheets(self, epoch):
        return {"samples": str(epoch).encode()}

    def problem(self, metrics, last):
        return self._problem.get(self._epoch)

    def is_worth_keeping(self, metrics):
        return self._epoch not in self._unsaved


def run(training: SumTraining, folder: Path, log: Any = None, epochs: int = 4, seed: int = 0) -> Recorder:
    recorder = log or Recorder()
    fit(training, epochs, 3, {"seed": seed}, recorder, folder, "Lower the step.")
    return recorder


def checkpoints(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.index"))


def test_each_epoch_is_logged_with_the_means_of_its_losses(tmp_path) -> None:
    logged = run(SumTraining(), tmp_path).logged
    assert [(epoch, metrics["train_loss"]) for epoch, metrics, _ in logged] == [(1, 1), (2, 2), (3, 3), (4, 4)]
    assert "train_late" not in logged[0][1]
    assert logged[1][1]["train_late"] == 2
    assert [metrics["val_total"] for _, metrics, _ in logged] == [3, 9, 18, 30]


def test_sheets_are_logged_at_intervals_and_after_the_last_epoch(tmp_path) -> None:
    assert [epoch for epoch, _, images in run(SumTraining(), tmp_path).logged if images] == [3, 4]


@pytest.mark.parametrize("stop_at", [1, 2, 4])
def test_resumed_and_uninterrupted_runs_have_the_same_results(tmp_path, stop_at) -> None:
    uninterrupted = run(SumTraining(), tmp_path / "uninterrupted").logged
    before, after = Recorder(stop_at), Recorder()
    with pytest.raises(StoppedError):
        run(SumTraining(), tmp_path / "stopped", before)
    run(SumTraining(), tmp_path / "stopped", after)
    assert before.logged + after.logged == uninterrupted
    assert_same(tensorflow_state(tmp_path / "stopped"), tensorflow_state(tmp_path / "uninterrupted"))


def test_a_finished_training_is_not_repeated(tmp_path) -> None:
    run(SumTraining(), tmp_path)
    assert run(SumTraining(), tmp_path).logged == []


def test_checkpoints_with_another_fingerprint_are_refused(tmp_path) -> None:
    run(SumTraining(), tmp_path)
    with pytest.raises(BadInputError, match="other data or with other settings"):
        run(SumTraining(), tmp_path, seed=1)


def test_a_metric_that_is_nan_stops_training_and_earlier_checkpoints_are_kept(tmp_path) -> None:
    recorder = Recorder()
    with pytest.raises(AtelierError, match=r"diverged in epoch 3: a loss is NaN or infinite\. Lower the step\."):
        run(SumTraining(nan_epoch=3), tmp_path, recorder)
    assert np.isnan(recorder.logged[-1][1]["val_total"])
    assert not recorder.logged[-1][2]
    assert checkpoints(tmp_path) == ["epoch-1", "epoch-2"]


def test_a_problem_stops_training_and_validation_metrics_are_nan(tmp_path) -> None:
    recorder = Recorder()
    with pytest.raises(AtelierError, match="diverged in epoch 2: nothing is learned"):
        run(SumTraining(problem={2: "nothing is learned"}), tmp_path, recorder)
    assert np.isnan(recorder.logged[-1][1]["val_total"])
    assert checkpoints(tmp_path) == ["epoch-1"]


def test_an_epoch_that_is_not_worth_keeping_is_not_saved(tmp_path) -> None:
    run(SumTraining(unsaved=(2, 3)), tmp_path)
    assert checkpoints(tmp_path) == ["epoch-1", "epoch-4"]


def test_a_training_that_has_stopped_has_no_further_epochs(tmp_path: Path) -> None:
    training, recorder = SumTraining(), Recorder()
    for _ in range(2):
        fit(training, 4, 3, {}, recorder, tmp_path, "", lambda: float(training.total) >= 9)  # 3 + 6 after two epochs
    assert [epoch for epoch, _, _ in recorder.logged] == [1, 2]


def test_metrics_and_images_are_written_for_tensorboard(tmp_path: Path) -> None:
    run(SumTraining(), tmp_path, epochs=3)
    (file,) = (tmp_path / "tensorboard").iterdir()
    events = [tf.compat.v1.Event.FromString(record.numpy()) for record in tf.data.TFRecordDataset(str(file))]
    totals = {event.step: value.simple_value for event in events for value in event.summary.value
              if value.tag == "val_total"}  # fmt: skip
    assert totals == {1: 3.0, 2: 9.0, 3: 18.0}
    images = [value.image.encoded_image_string for event in events for value in event.summary.value
              if value.tag == "samples"]  # fmt: skip
    assert images == [b"3"]
