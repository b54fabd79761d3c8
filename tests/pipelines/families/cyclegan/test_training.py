import itertools
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from atelier.errors import AtelierError, BadInputError
from pipelines.families.cyclegan import training
from pipelines.families.cyclegan.progress import Progress
from pipelines.families.cyclegan.training import train
from tests.helpers.image_sets import write_image_set
from tests.helpers.training_logs import Logged, Recorder, StoppedError, assert_same, tensorflow_state
from tests.pipelines.families.cyclegan.conftest import FAMILIES

EPOCHS = {"epochs": 3, "epoch_items": 4, "content_constraint": {"distance": 0.01, "start_epoch": 1, "rate": 0.1}}
"""The reconstruction ends and the pool of two images overflows before the training is stopped."""


@pytest.fixture(scope="module")
def uninterrupted(inputs, make_settings, tmp_path_factory) -> tuple[Path, Logged]:
    folder, recorder = tmp_path_factory.mktemp("uninterrupted"), Recorder()
    train(inputs, make_settings(**EPOCHS), recorder, folder)
    return folder, recorder.logged


def test_each_epoch_is_logged_once_with_every_loss_by_name(uninterrupted) -> None:
    _, logged = uninterrupted
    assert [epoch for epoch, _, _ in logged] == [1, 2, 3]
    losses = {"adversarial", "cycle", "content", "discriminator_of_paintings", "discriminator_of_photos"}
    validated = {"val_distance", "val_content", "val_cycle"}
    assert set(logged[0][1]) == {f"train_{name}" for name in losses | {"reconstruction"}} | validated
    assert set(logged[1][1]) == {f"train_{name}" for name in losses} | validated
    for _, metrics, _ in logged:
        assert np.isfinite(list(metrics.values())).all()


def test_sheets_are_logged_at_intervals_and_after_the_last_epoch(uninterrupted) -> None:
    sheets = {epoch: images["samples"] for epoch, _, images in uninterrupted[1] if images}
    assert sorted(sheets) == [2, 3]
    assert sheets[2] != sheets[3]


def test_a_checkpoint_contains_the_whole_state(inputs, make_settings, uninterrupted) -> None:
    """Weights of six networks, moments of two optimizers, two pools, and counters."""
    trainer = training.new_trainer(inputs, make_settings(**EPOCHS))
    networks = vars(trainer.networks).values()
    assert len(networks) == 6
    optimizers = (trainer.generator_optimizer, trainer.discriminator_optimizer)
    variables = [variable for each in (*networks, *optimizers) for variable in each.variables]
    variables += [pool.images for pool in trainer.pools.values()]
    values = sum(int(np.prod(variable.shape)) for variable in variables)
    state = tensorflow_state(uninterrupted[0])
    assert sum(value.size for value in state.values()) >= values + 4
    for pool in ("paintings", "photos"):
        (images,) = (value for name, value in state.items() if name.startswith(f"pool_of_{pool}/images"))
        assert images.astype(np.float32).std() > 1


def test_resumed_and_uninterrupted_runs_have_the_same_results(inputs, make_settings, uninterrupted, tmp_path) -> None:
    recorder = Recorder(stop_at=3)
    with pytest.raises(StoppedError):
        train(inputs, make_settings(**EPOCHS), recorder, tmp_path)
    keras.utils.set_random_seed(99)  # must have no effect
    resumed = Recorder()
    train(inputs, make_settings(**EPOCHS), resumed, tmp_path)
    assert recorder.logged + resumed.logged == uninterrupted[1]
    assert_same(tensorflow_state(tmp_path), tensorflow_state(uninterrupted[0]))


def test_a_finished_training_is_not_repeated(inputs, make_settings, uninterrupted) -> None:
    folder, _ = uninterrupted
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    train(inputs, make_settings(**EPOCHS), Recorder(stop_at=1), folder)
    assert before == {path: path.stat().st_mtime_ns for path in folder.iterdir()}


def test_the_content_constraint_raises_the_weight(uninterrupted) -> None:
    (factor,) = (
        value for name, value in tensorflow_state(uninterrupted[0]).items() if name.startswith("content_factor")
    )
    assert factor > 1


def test_checkpoints_of_other_settings_or_data_are_refused(inputs, make_settings, uninterrupted, tmp_path) -> None:
    with pytest.raises(BadInputError, match="other settings"):
        train(inputs, make_settings(**EPOCHS, seed=1), Recorder(), uninterrupted[0])
    other = replace(inputs, van_gogh=write_image_set(tmp_path / "van_gogh", 9))
    with pytest.raises(BadInputError, match="other data"):
        train(other, make_settings(**EPOCHS), Recorder(), uninterrupted[0])


def test_weights_that_are_nan_stop_training_and_earlier_checkpoints_are_kept(
    inputs, make_settings, tmp_path, monkeypatch
) -> None:
    """The losses of this step are finite, because they are computed before its update."""
    epoch = itertools.count(1)
    measure = Progress.measure

    def set_nan(self, networks):
        if next(epoch) == 2:
            average = networks.to_painting_average
            average.set_weights([weight * np.nan for weight in average.get_weights()])
        return measure(self, networks)

    monkeypatch.setattr(Progress, "measure", set_nan)
    recorder = Recorder()
    with pytest.raises(AtelierError, match=r"diverged in epoch 2.*Lower training\.generator_learning_rate"):
        train(inputs, make_settings(**EPOCHS), recorder, tmp_path)
    assert np.isnan(recorder.logged[-1][1]["val_distance"])
    assert [path.stem for path in tmp_path.glob("*.index")] == ["epoch-1"]


@pytest.mark.parametrize("family", FAMILIES)
def test_the_generators_learn_to_reproduce_their_input(inputs, make_settings, tmp_path, family) -> None:
    recorder = Recorder()
    settings = make_settings(family, epochs=2, epoch_items=60, reconstruction_steps=120, generator_learning_rate=0.02)
    train(inputs, settings, recorder, tmp_path)
    (first, second) = (metrics["train_reconstruction"] for _, metrics, _ in recorder.logged)
    # A new generator returns the coarse colors of its input already: there is little left to learn for four channels.
    assert second < 0.98 * first
