import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from atelier.errors import AtelierError, BadInputError
from pipelines.families.arbitrary_style.training import METRICS, train
from pipelines.training.on_torch.tensor_ops import shifted
from pipelines.training.style_transfer import MAX_SHIFT
from tests.helpers.image_sets import write_image_set
from tests.helpers.perceptual_networks import write_perceptual
from tests.helpers.training_logs import Logged, Recorder, StoppedError, assert_same, lightning_state


@pytest.fixture(scope="module")
def uninterrupted(inputs, make_settings, tmp_path_factory) -> tuple[Path, Logged]:
    folder, recorder = tmp_path_factory.mktemp("uninterrupted"), Recorder()
    train(inputs, make_settings(), recorder, folder)
    return folder, recorder.logged


def test_each_epoch_is_logged_once_with_every_loss_by_name(uninterrupted) -> None:
    _, logged = uninterrupted
    assert [epoch for epoch, _, _ in logged] == [1, 2, 3]
    for _, metrics, _ in logged:
        assert set(metrics) == {*METRICS, "learning_rate"}
        assert np.isfinite(list(metrics.values())).all()
        distance = metrics["val_content"] + metrics["val_style"]
        assert metrics["val_distance"] == pytest.approx(distance, rel=1e-3)


def test_sheets_are_logged_at_intervals_and_after_the_last_epoch(uninterrupted) -> None:
    sheets = {epoch: images["samples"] for epoch, _, images in uninterrupted[1] if images}
    assert sorted(sheets) == [2, 3]
    first, last = (np.asarray(Image.open(io.BytesIO(sheets[epoch]))) for epoch in (2, 3))
    assert first.shape == last.shape
    assert (first != last).any()


def test_a_checkpoint_does_not_contain_the_encoder(uninterrupted) -> None:
    state = lightning_state(uninterrupted[0])["state_dict"]
    assert "network.feature_scale" in state
    assert not [name for name in state if "encoder" in name]


@pytest.mark.parametrize("stop_at", [1, 3])
def test_resumed_and_uninterrupted_runs_have_the_same_results(
    inputs, make_settings, uninterrupted, tmp_path, stop_at
) -> None:
    recorder, resumed = Recorder(stop_at), Recorder()
    with pytest.raises(StoppedError):
        train(inputs, make_settings(), recorder, tmp_path)
    torch.manual_seed(99)  # must have no effect
    train(inputs, make_settings(), resumed, tmp_path)
    assert recorder.logged + resumed.logged == uninterrupted[1]
    for part in ("state_dict", "optimizer_states", "lr_schedulers"):
        assert_same(lightning_state(tmp_path)[part], lightning_state(uninterrupted[0])[part])


def test_the_content_constraint_is_resumed(inputs, make_settings, tmp_path) -> None:
    settings = make_settings(content_constraint={"distance": 0.2, "start_epoch": 1, "rate": 0.01})
    with pytest.raises(StoppedError):
        train(inputs, settings, Recorder(stop_at=3), tmp_path / "stopped")
    for folder in (tmp_path / "stopped", tmp_path / "whole"):
        train(inputs, settings, Recorder(), folder)
    stopped, whole = (lightning_state(tmp_path / name)["state_dict"] for name in ("stopped", "whole"))
    assert_same(stopped, whole)
    assert whole["content_factor"] > 1


def test_the_random_shift_is_independent_of_the_photo(inputs, make_settings, tmp_path, monkeypatch) -> None:
    """Both would depend on each other if they used the same random stream."""
    shifts: dict[bytes, set[tuple[int, int]]] = {}

    def record(images, offset):
        if not images.requires_grad:  # a photo, not a stylized image
            shifts.setdefault(images[0].numpy().tobytes(), set()).add(offset)
        return images

    monkeypatch.setattr("pipelines.training.on_torch.tensor_ops.shifted", record)
    settings = make_settings(epochs=1, epoch_items=128, augmentation={"min_crop": 1.0, "flip": 0.0})
    train(inputs, settings, Recorder(), tmp_path)
    repeated = [offsets for offsets in shifts.values() if len(offsets) > 1]
    assert len(shifts) > 1
    assert any(len({top for top, _ in offsets}) > 1 for offsets in repeated)


def test_a_finished_training_is_not_repeated(inputs, make_settings, uninterrupted) -> None:
    folder, _ = uninterrupted
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    train(inputs, make_settings(sheet_every=1), Recorder(stop_at=1), folder)
    assert before == {path: path.stat().st_mtime_ns for path in folder.iterdir()}


@pytest.mark.parametrize("change", [{"batch_size": 4}, {"seed": 1}, {"losses": {"style": 3}}])
def test_checkpoints_of_other_settings_are_refused(inputs, make_settings, uninterrupted, change) -> None:
    with pytest.raises(BadInputError, match="other settings"):
        train(inputs, make_settings(**change), Recorder(), uninterrupted[0])


@pytest.mark.parametrize("name", ["coco", "landscapes", "van_gogh", "perceptual"])
def test_checkpoints_of_other_data_are_refused(inputs, make_settings, uninterrupted, tmp_path, name) -> None:
    other = write_perceptual(tmp_path, "random", 9) if name == "perceptual" else write_image_set(tmp_path / name, 9)
    with pytest.raises(BadInputError, match="other data"):
        train(replace(inputs, **{name: other}), make_settings(), Recorder(), uninterrupted[0])


def test_a_diverged_training_stops_with_advice(inputs, make_settings, tmp_path) -> None:
    recorder = Recorder()
    with pytest.raises(AtelierError, match=r"lower the learning rates"):
        train(inputs, make_settings(learning_rate=1e30), recorder, tmp_path)
    assert np.isnan(recorder.logged[-1][1]["val_distance"])
    assert not recorder.logged[-1][2]


def test_training_lowers_the_style_distance(inputs, make_settings, tmp_path) -> None:
    recorder = Recorder()
    settings = make_settings(epochs=2, epoch_items=80, learning_rate=0.01, warmup_steps=4)
    first = make_settings(epochs=1, epoch_items=2, learning_rate=1e-9)
    train(inputs, first, recorder, tmp_path / "first")
    train(inputs, settings, recorder, tmp_path / "trained")
    before, after = recorder.logged[0][1], recorder.logged[-1][1]
    assert after["val_style"] < 0.8 * before["val_style"]
    assert after["val_distance"] < 0.8 * before["val_distance"]


def test_images_are_shifted_by_up_to_the_largest_shift() -> None:
    image, at = torch.arange(2.0 * 3 * 12 * 10).reshape(2, 3, 12, 10), MAX_SHIFT
    assert torch.equal(shifted(image, (at, at)), image)
    assert torch.equal(shifted(image, (at + 2, at - 1))[:, :, :-2, 1:], image[:, :, 2:, :-1])
    assert torch.equal(shifted(image, (0, at))[:, :, 0], image[:, :, at])  # mirrored at the border
