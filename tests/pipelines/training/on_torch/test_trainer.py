import math
from types import SimpleNamespace

import pytest
import torch

from atelier.errors import AtelierError
from pipelines.training.on_torch.trainer import EpochLog
from tests.helpers.training_logs import Recorder


def end_epoch(log: EpochLog, **metrics: float) -> None:
    """Call the hooks as Lightning does, for the third epoch."""
    group = SimpleNamespace(param_groups=[{"lr": 0.5}])
    values = {name: torch.tensor(value) for name, value in metrics.items()}
    trainer = SimpleNamespace(callback_metrics=values, current_epoch=2, optimizers=[group])
    module = SimpleNamespace(epoch_items=10)
    log.on_train_epoch_start(trainer, module)
    log.on_validation_start(trainer, module)
    log.on_train_epoch_end(trainer, module)


def sheet(epoch: int) -> dict[str, bytes]:
    return {"samples": str(epoch).encode()}


def test_the_named_metrics_are_logged_with_images_and_learning_rate() -> None:
    recorder = Recorder()
    end_epoch(EpochLog(recorder, ("train_loss", "val_loss"), sheet), train_loss=2.0, val_loss=3.0, other=4.0)
    logged = {"train_loss": 2.0, "val_loss": 3.0, "learning_rate": 0.5}
    assert recorder.logged == [(3, logged, {"samples": b"3"})]


def test_the_speed_is_logged() -> None:
    logged = {}
    log = EpochLog(lambda metrics, epoch, images=None: logged.update(metrics), ("train_loss",))
    end_epoch(log, train_loss=2.0)
    assert logged["samples_per_s"] > 0


@pytest.mark.parametrize("not_finite", ["train_loss", "val_loss"])
def test_a_diverged_run_is_logged_without_results_and_stops(not_finite) -> None:
    recorder = Recorder()
    metrics = {"train_loss": 1.0, "val_loss": 1.0} | {not_finite: math.inf}
    with pytest.raises(AtelierError, match=r"diverged in epoch 3: lower the learning rates"):
        end_epoch(EpochLog(recorder, ("train_loss", "val_loss"), sheet), **metrics)
    ((_, logged, images),) = recorder.logged
    assert math.isnan(logged["train_loss"])
    assert math.isnan(logged["val_loss"])
    assert not images
