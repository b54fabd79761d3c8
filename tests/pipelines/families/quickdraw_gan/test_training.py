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
def uninterrupted(
    inputs: GanInputs, make_settings: MakeSettings, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Logged]:
    folder, recorder = tmp_path_factory.mktemp("uninterrupted"), Recorder()
    train(inputs, make_settings(), recorder, folder)
    return folder, recorder.logged


def test_each_epoch_is_logged_once_with_every_loss_by_name(uninterrupted: tuple[Path, Logged]) -> None:
    _, logged = uninterrupted
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


def test_sheets_are_logged_at_intervals_and_after_the_last_epoch(uninterrupted: tuple[Path, Logged]) -> None:
    sheets = {epoch: images["samples"] for epoch, _, images in uninterrupted[1] if images}
    assert sorted(sheets) == [3, 4]
    first, last = (np.asarray(Image.open(io.BytesIO(sheets[epoch]))) for epoch in (3, 4))
    assert first.shape == last.shape
    assert (first != last).any()


def test_a_checkpoint_contains_the_whole_state(
    quickdraw: PreparedData, make_settings: MakeSettings, uninterrupted: tuple[Path, Logged]
) -> None:
    """Weights of three networks, moments of two optimizers, and counters."""
    trainer = new_trainer(quickdraw.manifest, make_settings())
    parts = (
        *(trainer.generator, trainer.average, trainer.discriminator),
        *(trainer.generator_optimizer, trainer.discriminator_optimizer),
    )
    values = sum(int(np.prod(variable.shape)) for part in parts for variable in part.variables)
    assert sum(value.size for value in tensorflow_state(uninterrupted[0]).values()) >= values


def test_resumed_and_uninterrupted_runs_have_the_same_results(
    inputs: GanInputs, make_settings: MakeSettings, uninterrupted: tuple[Path, Logged], tmp_path: Path
) -> None:
    recorder = Recorder(stop_at=3)
    with pytest.raises(StoppedError):
        train(inputs, make_settings(), recorder, tmp_path)
    keras.utils.set_random_seed(99)  # must have no effect
    resumed = Recorder()
    train(inputs, make_settings(), resumed, tmp_path)
    assert recorder.logged + resumed.logged == uninterrupted[1]
    assert_same(tensorflow_state(tmp_path), tensorflow_state(uninterrupted[0]))


def test_a_damaged_checkpoint_is_skipped(
    inputs: GanInputs, make_settings: MakeSettings, uninterrupted: tuple[Path, Logged], tmp_path: Path
) -> None:
    with pytest.raises(StoppedError):
        train(inputs, make_settings(), Recorder(stop_at=4), tmp_path)
    newest = tmp_path / "epoch-3.data-00000-of-00001"
    newest.write_bytes(newest.read_bytes()[:2000])
    recorder = Recorder()
    train(inputs, make_settings(), recorder, tmp_path)
    assert [epoch for epoch, _, _ in recorder.logged] == [3, 4]
    assert_same(tensorflow_state(tmp_path), tensorflow_state(uninterrupted[0]))


def test_a_finished_training_is_not_repeated(
    inputs: GanInputs, make_settings: MakeSettings, uninterrupted: tuple[Path, Logged]
) -> None:
    folder, _ = uninterrupted
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    train(inputs, make_settings(), Recorder(stop_at=1), folder)
    assert before == {path: path.stat().st_mtime_ns for path in folder.iterdir()}


def test_another_seed_gives_other_results(
    inputs: GanInputs, make_settings: MakeSettings, uninterrupted: tuple[Path, Logged], tmp_path: Path
) -> None:
    recorder = Recorder()
    train(inputs, make_settings(epochs=1, seed=1), recorder, tmp_path)
    assert recorder.logged[0][1]["train_generator_adversarial"] != uninterrupted[1][0][1]["train_generator_adversarial"]


@pytest.mark.parametrize("change", [{"batch_size": 8}, {"generator_learning_rate": 0.002}])
def test_checkpoints_of_other_settings_are_refused(
    inputs: GanInputs, make_settings: MakeSettings, uninterrupted: tuple[Path, Logged], change: dict[str, float]
) -> None:
    with pytest.raises(BadInputError, match="other settings"):
        train(inputs, make_settings(**change), Recorder(), uninterrupted[0])


def test_checkpoints_of_other_data_are_refused(
    make_settings: MakeSettings, uninterrupted: tuple[Path, Logged], tmp_path: Path
) -> None:
    with pytest.raises(BadInputError, match="other data"):
        train(GanInputs(write_prepared(tmp_path / "other", seed=1)), make_settings(), Recorder(), uninterrupted[0])


def test_a_loss_that_is_not_finite_stops_training_and_earlier_checkpoints_are_kept(
    inputs: GanInputs, make_settings: MakeSettings, tmp_path: Path
) -> None:
    recorder = Recorder()
    with pytest.raises(AtelierError, match=r"Lower training\.generator_learning_rate"):
        train(inputs, make_settings(generator_learning_rate=1e30), recorder, tmp_path)
    assert np.isnan(recorder.logged[-1][1]["val_distance"])
    assert len(list(tmp_path.glob("*.index"))) == len(recorder.logged) - 1


def test_weights_that_are_nan_after_the_last_step_of_an_epoch_are_not_saved(
    inputs: GanInputs, make_settings: MakeSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The losses of this step are finite, because they are computed before its update."""
    epoch = itertools.count(1)
    distance = Progress.distance

    def set_nan(self: Progress, generator: keras.Model) -> float:
        if next(epoch) == 2:
            generator.set_weights([weight * np.nan for weight in generator.get_weights()])
        return distance(self, generator)

    monkeypatch.setattr(Progress, "distance", set_nan)
    with pytest.raises(AtelierError, match="diverged in epoch 2"):
        train(inputs, make_settings(), Recorder(), tmp_path)
    assert [path.stem for path in tmp_path.glob("*.index")] == ["epoch-1"]


def test_too_few_validation_drawings_are_an_error_before_training(make_settings: MakeSettings, tmp_path: Path) -> None:
    data = write_prepared(tmp_path / "data", counts={"train": 6, "val": 3, "test": 3})
    with pytest.raises(BadInputError, match="two validation drawings"):
        train(GanInputs(data), make_settings(), Recorder(), tmp_path / "checkpoint")


def test_two_validation_drawings_of_a_label_are_enough(make_settings: MakeSettings, tmp_path: Path) -> None:
    data = write_prepared(tmp_path / "data", counts={"train": 96, "val": 6, "test": 3})
    recorder = Recorder()
    train(GanInputs(data), make_settings(epochs=1), recorder, tmp_path / "checkpoint")
    assert np.isfinite(recorder.logged[-1][1]["val_distance"])


def test_a_discriminator_without_mistakes_stops_training(
    inputs: GanInputs, make_settings: MakeSettings, tmp_path: Path
) -> None:
    changes = {"generator_learning_rate": 1e-9, "discriminator_losses": {"gradient_penalty": 0.0}}
    recorder = Recorder()
    with pytest.raises(AtelierError, match=r"no mistakes.*discriminator_learning_rate"):
        train(inputs, make_settings(epochs=60, patience=2, **changes), recorder, tmp_path)
    accuracies = [metrics["train_discriminator_accuracy"] for _, metrics, _ in recorder.logged]
    assert accuracies[-2:] == pytest.approx([1, 1], abs=1e-3)
    kept = max(int(path.stem.removeprefix("epoch-")) for path in tmp_path.glob("*.index"))
    assert kept == len(recorder.logged) - 2


def test_fewer_drawings_than_the_batch_size_are_one_batch(
    inputs: GanInputs, make_settings: MakeSettings, tmp_path: Path
) -> None:
    recorder = Recorder()
    train(inputs, make_settings(epochs=1, batch_size=1000), recorder, tmp_path)
    assert len(recorder.logged) == 1


def test_the_generator_learns_the_labels(inputs: GanInputs, make_settings: MakeSettings, tmp_path: Path) -> None:
    """A bar is smaller than a box, in generated drawings, too."""
    recorder, settings = Recorder(), make_settings(epochs=25, batch_size=8, average_decay=0.9)
    train(inputs, settings, recorder, tmp_path)
    distances = [metrics["val_distance"] for _, metrics, _ in recorder.logged]
    assert np.mean(distances[-3:]) < 0.5 * distances[0]
    generator = trained_generator(inputs, settings, tmp_path)
    noise = np.random.default_rng(0).standard_normal((60, 8), np.float32)
    ink = np.asarray(generator([noise, np.repeat([0, 1, 2], 20)])).mean((1, 2, 3)).reshape(3, 20).mean(1)
    assert ink[0] < ink[1]
