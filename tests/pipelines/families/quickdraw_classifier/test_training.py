from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from atelier.data.prepared.dataset import PreparedData
from atelier.errors import AtelierError, BadInputError
from pipelines.families.quickdraw_classifier.export import trained_network
from pipelines.families.quickdraw_classifier.settings import ClassifierInputs, ClassifierSettings
from pipelines.families.quickdraw_classifier.step import scaled
from pipelines.families.quickdraw_classifier.training import train
from tests.helpers.training_logs import Logged, Recorder, StoppedError, assert_same, lightning_state

MakeSettings = Callable[..., ClassifierSettings]


@pytest.fixture(scope="module")
def uninterrupted(
    inputs: ClassifierInputs, make_settings: MakeSettings, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Logged]:
    folder, recorder = tmp_path_factory.mktemp("uninterrupted"), Recorder()
    train(inputs, make_settings(), recorder, folder)
    return folder, recorder.logged


def test_each_epoch_is_logged_once_with_its_metrics(uninterrupted: tuple[Path, Logged]) -> None:
    _, logged = uninterrupted
    assert [epoch for epoch, *_ in logged] == [1, 2, 3, 4]
    assert set(logged[0][1]) == {"train_loss", "val_loss", "val_top1", "learning_rate"}
    assert all(np.isfinite(list(metrics.values())).all() for _, metrics, _ in logged)


def test_the_folder_contains_checkpoints_only(uninterrupted: tuple[Path, Logged]) -> None:
    folder, _ = uninterrupted
    assert sorted(path.name for path in folder.iterdir()) == ["epoch-00002.ckpt", "epoch-00003.ckpt"]


def test_the_same_seed_gives_exactly_the_same_results(
    inputs: ClassifierInputs, make_settings: MakeSettings, uninterrupted: tuple[Path, Logged], tmp_path: Path
) -> None:
    recorder = Recorder()
    torch.manual_seed(12345)  # must have no effect
    np.random.seed(54321)
    train(inputs, make_settings(), recorder, tmp_path)
    assert recorder.logged == uninterrupted[1]
    assert_same(lightning_state(tmp_path)["state_dict"], lightning_state(uninterrupted[0])["state_dict"])


def test_another_seed_gives_other_results(
    inputs: ClassifierInputs, make_settings: MakeSettings, uninterrupted: tuple[Path, Logged], tmp_path: Path
) -> None:
    recorder = Recorder()
    train(inputs, make_settings(epochs=1, seed=1), recorder, tmp_path)
    assert recorder.logged[0][1]["train_loss"] != uninterrupted[1][0][1]["train_loss"]


@pytest.mark.parametrize("stop_at", [1, 3, 4])
def test_resumed_and_uninterrupted_runs_have_the_same_results(
    inputs: ClassifierInputs,
    make_settings: MakeSettings,
    uninterrupted: tuple[Path, Logged],
    tmp_path: Path,
    stop_at: int,
) -> None:
    before, after = Recorder(stop_at), Recorder()
    with pytest.raises(StoppedError):
        train(inputs, make_settings(), before, tmp_path)
    torch.manual_seed(stop_at)
    train(inputs, make_settings(), after, tmp_path)
    assert before.logged + after.logged == uninterrupted[1]
    for part in ("state_dict", "optimizer_states", "lr_schedulers"):
        assert_same(lightning_state(tmp_path)[part], lightning_state(uninterrupted[0])[part])


def test_a_damaged_checkpoint_is_skipped(
    inputs: ClassifierInputs, make_settings: MakeSettings, uninterrupted: tuple[Path, Logged], tmp_path: Path
) -> None:
    with pytest.raises(StoppedError):
        train(inputs, make_settings(), Recorder(stop_at=4), tmp_path)
    newest = max(tmp_path.glob("*.ckpt"))
    newest.write_bytes(newest.read_bytes()[:2000])
    recorder = Recorder()
    train(inputs, make_settings(), recorder, tmp_path)
    assert [epoch for epoch, *_ in recorder.logged] == [3, 4]
    assert_same(lightning_state(tmp_path)["state_dict"], lightning_state(uninterrupted[0])["state_dict"])


def test_a_finished_training_is_not_repeated(
    inputs: ClassifierInputs, make_settings: MakeSettings, uninterrupted: tuple[Path, Logged]
) -> None:
    folder, _ = uninterrupted
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    train(inputs, make_settings(), Recorder(stop_at=1), folder)
    assert before == {path: path.stat().st_mtime_ns for path in folder.iterdir()}


def test_batch_statistics_of_the_averaged_network_are_those_of_drawings_without_augmentation(
    quickdraw: PreparedData, make_settings: MakeSettings, uninterrupted: tuple[Path, Logged]
) -> None:
    network = trained_network(quickdraw.manifest, make_settings(), uninterrupted[0])
    images = torch.from_numpy(quickdraw.split("train")["image"][:])
    with torch.no_grad():
        stem = network.stem(scaled(images))
    torch.testing.assert_close(network.norm.running_mean, stem.mean((0, 2, 3)), rtol=1e-3, atol=1e-4)


def test_checkpoints_of_other_settings_are_refused(
    inputs: ClassifierInputs, make_settings: MakeSettings, uninterrupted: tuple[Path, Logged]
) -> None:
    with pytest.raises(BadInputError, match="other settings"):
        train(inputs, make_settings(learning_rate=0.02), Recorder(), uninterrupted[0])


def test_a_small_data_set_is_learned(inputs: ClassifierInputs, make_settings: MakeSettings, tmp_path: Path) -> None:
    zeros = {"flip": 0, "rotation": 0, "scale": 0, "shear": 0, "shift": 0, "elastic": 0, "mixup": 0}
    recorder = Recorder()
    settings = make_settings(epochs=15, batch_size=8, learning_rate=0.1, label_smoothing=0, augmentation=zeros)
    train(inputs, settings, recorder, tmp_path)
    assert recorder.logged[-1][1]["train_loss"] < 0.1
    assert recorder.logged[-1][1]["val_top1"] > 0.95


def test_a_diverged_training_stops_with_advice(
    inputs: ClassifierInputs, make_settings: MakeSettings, tmp_path: Path
) -> None:
    recorder = Recorder()
    with pytest.raises(AtelierError, match=r"lower the learning rates"):
        train(inputs, make_settings(learning_rate=1e30), recorder, tmp_path)
    assert np.isnan(recorder.logged[-1][1]["val_top1"])
    assert not list(tmp_path.glob("*.ckpt"))


def test_fewer_items_than_the_batch_size_are_one_batch(
    inputs: ClassifierInputs, make_settings: MakeSettings, tmp_path: Path
) -> None:
    recorder = Recorder()
    train(inputs, make_settings(epochs=1, batch_size=1000), recorder, tmp_path)
    assert len(recorder.logged) == 1
