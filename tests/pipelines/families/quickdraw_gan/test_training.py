import io
import itertools
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from atelier.data.prepared.dataset import PreparedData
from atelier.errors import AtelierError, BadInputError
from pipelines.families.quickdraw_gan.export import trained_generator
from pipelines.families.quickdraw_gan.progress import Progress
from pipelines.families.quickdraw_gan.settings import GanInputs, GanSettings
from pipelines.families.quickdraw_gan.training import new_trainer, train
from tests.helpers.shapes import write_prepared
from tests.helpers.training_logs import Logged, Recorder, StoppedError, assert_same, tensorflow_state

MakeSettings = Callable[..., GanSettings]


@pytest.fixture(scope="module")
def unbroken(
    inputs: GanInputs, make_settings: MakeSettings, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Logged]:
    folder, recorder = tmp_path_factory.mktemp("unbroken"), Recorder()
    train(inputs, make_settings(), recorder, folder)
    return folder, recorder.logged


def test_each_epoch_is_logged_once_with_every_loss_by_name(unbroken: tuple[Path, Logged]) -> None:
    _, logged = unbroken
    assert [epoch for epoch, _, _ in logged] == [1, 2, 3, 4]
    assert set(logged[0][1]) == {
        "train_discriminator_accuracy",
        "train_discriminator_adversarial",
        "train_discriminator_gradient_penalty",
        "train_discriminator_label",
        "train_generator_adversarial",
        "train_generator_label",
        "val_distance",
    }
    assert all(np.isfinite(list(metrics.values())).all() for _, metrics, _ in logged)


def test_a_sheet_of_samples_is_logged_every_few_epochs_and_at_the_end(unbroken: tuple[Path, Logged]) -> None:
    sheets = {epoch: pictures["samples"] for epoch, _, pictures in unbroken[1] if pictures}
    assert sorted(sheets) == [3, 4]
    first, last = (np.asarray(Image.open(io.BytesIO(sheets[epoch]))) for epoch in (3, 4))
    assert first.shape == last.shape
    assert (first != last).any()


def test_a_checkpoint_holds_all_there_is_to_go_on_with(
    quickdraw: PreparedData, make_settings: MakeSettings, unbroken: tuple[Path, Logged]
) -> None:
    """Weights of three networks, two moments of each trained one, and the counters: every number of the state."""
    trainer = new_trainer(quickdraw.manifest, make_settings())
    parts = (
        *(trainer.generator, trainer.average, trainer.discriminator),
        *(trainer.generator_optimizer, trainer.discriminator_optimizer),
    )
    numbers = sum(int(np.prod(variable.shape)) for part in parts for variable in part.variables)
    assert sum(value.size for value in tensorflow_state(unbroken[0]).values()) >= numbers


def test_resuming_repeats_the_unbroken_run_bit_by_bit(
    inputs: GanInputs, make_settings: MakeSettings, unbroken: tuple[Path, Logged], tmp_path: Path
) -> None:
    recorder = Recorder(stop_at=3)
    with pytest.raises(StoppedError):
        train(inputs, make_settings(), recorder, tmp_path)
    keras.utils.set_random_seed(99)  # whatever was drawn before must not matter
    going_on = Recorder()
    train(inputs, make_settings(), going_on, tmp_path)
    assert recorder.logged + going_on.logged == unbroken[1]
    assert_same(tensorflow_state(tmp_path), tensorflow_state(unbroken[0]))


def test_a_truncated_checkpoint_costs_an_epoch_and_nothing_else(
    inputs: GanInputs, make_settings: MakeSettings, unbroken: tuple[Path, Logged], tmp_path: Path
) -> None:
    with pytest.raises(StoppedError):
        train(inputs, make_settings(), Recorder(stop_at=4), tmp_path)
    newest = tmp_path / "epoch-3.data-00000-of-00001"
    newest.write_bytes(newest.read_bytes()[:2000])
    recorder = Recorder()
    train(inputs, make_settings(), recorder, tmp_path)
    assert [epoch for epoch, _, _ in recorder.logged] == [3, 4]
    assert_same(tensorflow_state(tmp_path), tensorflow_state(unbroken[0]))


def test_a_finished_training_is_not_begun_again(
    inputs: GanInputs, make_settings: MakeSettings, unbroken: tuple[Path, Logged]
) -> None:
    folder, _ = unbroken
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    train(inputs, make_settings(), Recorder(stop_at=1), folder)
    assert before == {path: path.stat().st_mtime_ns for path in folder.iterdir()}


def test_another_seed_gives_other_numbers(
    inputs: GanInputs, make_settings: MakeSettings, unbroken: tuple[Path, Logged], tmp_path: Path
) -> None:
    recorder = Recorder()
    train(inputs, make_settings(epochs=1, seed=1), recorder, tmp_path)
    assert recorder.logged[0][1]["train_generator_adversarial"] != unbroken[1][0][1]["train_generator_adversarial"]


@pytest.mark.parametrize("change", [{"batch_size": 8}, {"generator_learning_rate": 0.002}])
def test_checkpoints_of_other_settings_are_not_taken_up(
    inputs: GanInputs, make_settings: MakeSettings, unbroken: tuple[Path, Logged], change: dict[str, float]
) -> None:
    with pytest.raises(BadInputError, match="other settings"):
        train(inputs, make_settings(**change), Recorder(), unbroken[0])


def test_nor_are_those_of_other_data(
    make_settings: MakeSettings, unbroken: tuple[Path, Logged], tmp_path: Path
) -> None:
    with pytest.raises(BadInputError, match="other data"):
        train(GanInputs(write_prepared(tmp_path / "other", seed=1)), make_settings(), Recorder(), unbroken[0])


def test_a_loss_that_is_not_finite_stops_training_and_keeps_the_last_good_checkpoint(
    inputs: GanInputs, make_settings: MakeSettings, tmp_path: Path
) -> None:
    recorder = Recorder()
    with pytest.raises(AtelierError, match=r"Lower training\.generator_learning_rate"):
        train(inputs, make_settings(generator_learning_rate=1e30), recorder, tmp_path)
    assert np.isnan(recorder.logged[-1][1]["val_distance"])
    assert len(list(tmp_path.glob("*.index"))) == len(recorder.logged) - 1


def test_weights_that_became_nan_in_the_last_step_of_an_epoch_are_not_kept(
    inputs: GanInputs, make_settings: MakeSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The losses of that step were still finite: they were computed before it."""
    epoch = itertools.count(1)
    distance = Progress.distance

    def spoil(self: Progress, generator: keras.Model) -> float:
        if next(epoch) == 2:
            generator.set_weights([weight * np.nan for weight in generator.get_weights()])
        return distance(self, generator)

    monkeypatch.setattr(Progress, "distance", spoil)
    with pytest.raises(AtelierError, match="diverged in epoch 2"):
        train(inputs, make_settings(), Recorder(), tmp_path)
    assert [path.stem for path in tmp_path.glob("*.index")] == ["epoch-1"]


def test_too_few_validation_drawings_are_said_before_training(make_settings: MakeSettings, tmp_path: Path) -> None:
    data = write_prepared(tmp_path / "data", counts={"train": 6, "val": 3, "test": 3})
    with pytest.raises(BadInputError, match="two validation drawings"):
        train(GanInputs(data), make_settings(), Recorder(), tmp_path / "checkpoint")


def test_a_discriminator_that_is_never_wrong_stops_training(
    inputs: GanInputs, make_settings: MakeSettings, tmp_path: Path
) -> None:
    unfair = {"generator_learning_rate": 1e-9, "discriminator_losses": {"gradient_penalty": 0.0}}
    recorder = Recorder()
    with pytest.raises(AtelierError, match=r"no mistakes.*discriminator_learning_rate"):
        train(inputs, make_settings(epochs=60, patience=2, **unfair), recorder, tmp_path)
    accuracies = [metrics["train_discriminator_accuracy"] for _, metrics, _ in recorder.logged]
    assert accuracies[-2:] == pytest.approx([1, 1], abs=1e-3)
    kept = max(int(path.stem.removeprefix("epoch-")) for path in tmp_path.glob("*.index"))
    assert kept == len(recorder.logged) - 2


def test_fewer_drawings_than_a_batch_are_one_batch(
    inputs: GanInputs, make_settings: MakeSettings, tmp_path: Path
) -> None:
    recorder = Recorder()
    train(inputs, make_settings(epochs=1, batch_size=1000), recorder, tmp_path)
    assert len(recorder.logged) == 1


def test_the_generator_learns_what_belongs_to_which_label(
    inputs: GanInputs, make_settings: MakeSettings, tmp_path: Path
) -> None:
    """A bar has little ink, a box has most: after a short training the samples tell them apart."""
    recorder, settings = Recorder(), make_settings(epochs=25, batch_size=8, average_decay=0.9)
    train(inputs, settings, recorder, tmp_path)
    distances = [metrics["val_distance"] for _, metrics, _ in recorder.logged]
    assert np.mean(distances[-3:]) < 0.5 * distances[0]
    generator = trained_generator(inputs, settings, tmp_path)
    noise = np.random.default_rng(0).standard_normal((60, 8), np.float32)
    ink = np.asarray(generator([noise, np.repeat([0, 1, 2], 20)])).mean((1, 2, 3)).reshape(3, 20).mean(1)
    assert ink[0] < ink[1]
