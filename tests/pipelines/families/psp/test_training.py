import io
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from atelier.errors import AtelierError, BadInputError
from pipelines.families.psp.progress import STAGE_METRICS
from pipelines.families.psp.training import STAGE_LOSSES, train
from pipelines.families.psp.training_settings import StageSettings
from tests.helpers.face_sets import write_faces
from tests.helpers.perceptual_networks import write_perceptual
from tests.helpers.training_logs import Logged, Recorder, StoppedError, assert_same, lightning_state
from tests.pipelines.families.psp.conftest import COUNTS, SIZE, STAGES

ORDER = tuple(stage for stage, epochs in STAGES.items() for _ in range(epochs))


@pytest.fixture(scope="module")
def uninterrupted(inputs, make_settings, tmp_path_factory) -> tuple[Path, Logged]:
    folder, recorder = tmp_path_factory.mktemp("uninterrupted"), Recorder()
    train(inputs, make_settings(), recorder, folder)
    return folder, recorder.logged


def test_the_stages_follow_each_other() -> None:
    stages = StageSettings(**STAGES)
    assert [stages.of(epoch) for epoch in range(stages.epochs)] == list(ORDER)
    assert StageSettings(generator=0, encoder=2, autoencoder=0, joint=0).of(0) == "encoder"


def test_stages_without_an_encoder_are_refused() -> None:
    with pytest.raises(ValueError, match="in which the encoder is trained"):
        StageSettings(generator=1, encoder=0, autoencoder=0, joint=0)


def test_each_epoch_is_logged_once_with_the_losses_of_its_stage(uninterrupted) -> None:
    _, logged = uninterrupted
    assert [epoch for epoch, _, _ in logged] == list(range(1, len(ORDER) + 1))
    for (_, metrics, _), stage in zip(logged, ORDER, strict=True):
        losses = {f"train_{name}" for name in STAGE_LOSSES[stage]}
        assert set(metrics) == {*losses, *STAGE_METRICS[stage], "learning_rate"}
        assert np.isfinite(list(metrics.values())).all()


def test_sheets_are_logged_at_intervals_and_after_the_last_epoch(uninterrupted) -> None:
    sheets = {epoch: images for epoch, _, images in uninterrupted[1] if images}
    assert {epoch: set(images) for epoch, images in sheets.items()} == {
        2: {"samples"},
        4: {"samples", "edits"},
        6: {"samples", "edits"},
        8: {"samples", "edits"},
    }
    before, after = (np.asarray(Image.open(io.BytesIO(sheets[epoch]["edits"]))) for epoch in (6, 8))
    assert after.shape[0] > before.shape[0], "edits are shown as soon as there are directions"


@pytest.mark.parametrize("stop_at", range(1, len(ORDER) + 1))  # the first and the second epoch of each stage
def test_resumed_and_uninterrupted_runs_have_the_same_results(
    inputs, make_settings, uninterrupted, tmp_path, stop_at
) -> None:
    recorder, resumed = Recorder(stop_at), Recorder()
    with pytest.raises(StoppedError):
        train(inputs, make_settings(), recorder, tmp_path)
    torch.manual_seed(99)  # must have no effect
    train(inputs, make_settings(), resumed, tmp_path)
    assert recorder.logged + resumed.logged == uninterrupted[1]
    for part in ("state_dict", "optimizer_states"):
        assert_same(lightning_state(tmp_path)[part], lightning_state(uninterrupted[0])[part])


def test_each_stage_trains_its_own_networks(inputs, make_settings, tmp_path) -> None:
    states, settings = [], make_settings(stages={"generator": 2, "encoder": 1, "autoencoder": 1, "joint": 1})
    for stop_at in (2, 3, 4, 5, None):
        recorder = Recorder(stop_at)
        if stop_at:
            with pytest.raises(StoppedError):
                train(inputs, settings, recorder, tmp_path)
        else:
            train(inputs, settings, recorder, tmp_path)
        states.append(lightning_state(tmp_path)["state_dict"])

    def changed(before: dict[str, torch.Tensor], after: dict[str, torch.Tensor]) -> set[str]:
        parameters = {name for name in before if not name.endswith(("mean_latent", "directions"))}
        return {name.split(".")[1] for name in parameters if not torch.equal(before[name], after[name])}

    generator = {"mapping", "synthesis", "mapping_average", "synthesis_average", "discriminator"}
    encoder = {"encoder", "encoder_average", "latent_discriminator"}
    stages = [changed(*pair) for pair in pairwise(states)]
    assert stages[0] == generator | {"regressor"}
    # The generator goes on from its average, and is then left alone.
    assert stages[1] - {"mapping", "synthesis"} == encoder | {"regressor"}
    # Reconstructions need neither samples nor the discriminator of images.
    assert stages[2] == {"synthesis", "synthesis_average", "regressor"} | encoder
    assert stages[3] == generator | encoder | {"regressor"}


def test_the_order_of_psp_leaves_the_generator_as_it_is(inputs, make_settings, tmp_path) -> None:
    settings = make_settings(stages={"generator": 1, "encoder": 1, "autoencoder": 0, "joint": 0})
    with pytest.raises(StoppedError):
        train(inputs, settings, Recorder(stop_at=2), tmp_path)
    before = lightning_state(tmp_path)["state_dict"]
    train(inputs, settings, Recorder(), tmp_path)
    after = lightning_state(tmp_path)["state_dict"]
    for name in (name for name in before if name.startswith("networks.synthesis_average")):
        assert torch.equal(before[name], after[name]), name


def test_a_finished_training_is_not_repeated(inputs, make_settings, uninterrupted) -> None:
    folder, _ = uninterrupted
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    train(inputs, make_settings(sheet_every=1), Recorder(stop_at=1), folder)
    assert before == {path: path.stat().st_mtime_ns for path in folder.iterdir()}


@pytest.mark.parametrize("change", [{"batch_size": 8}, {"seed": 1}, {"losses": {"moved": 3}}])
def test_checkpoints_of_other_settings_are_refused(inputs, make_settings, uninterrupted, change) -> None:
    with pytest.raises(BadInputError, match="other settings"):
        train(inputs, make_settings(**change), Recorder(), uninterrupted[0])


@pytest.mark.parametrize("name", ["faces", "perceptual"])
def test_checkpoints_of_other_data_are_refused(inputs, make_settings, uninterrupted, tmp_path, name) -> None:
    others = {
        "faces": lambda: write_faces(tmp_path, COUNTS, SIZE, seed=9),
        "perceptual": lambda: write_perceptual(tmp_path, "random", 9),
    }
    with pytest.raises(BadInputError, match="other data"):
        train(replace(inputs, **{name: others[name]()}), make_settings(), Recorder(), uninterrupted[0])


def test_faces_of_another_size_are_refused_with_advice(inputs, make_settings, tmp_path) -> None:
    with pytest.raises(BadInputError, match=r"Set psp\.model\.size to 64"):
        train(inputs, make_settings({"model": {"size": 128}}), Recorder(), tmp_path)


def test_a_diverged_training_stops_with_advice(inputs, make_settings, tmp_path) -> None:
    rates = dict.fromkeys(("generator", "discriminator"), 1e30)
    recorder = Recorder()
    with pytest.raises(AtelierError, match="lower the learning rates"):
        train(inputs, make_settings(learning_rates=rates), recorder, tmp_path)
    assert not recorder.logged[-1][2]


def test_the_encoder_learns_to_reconstruct_faces(inputs, make_settings, tmp_path) -> None:
    recorder = Recorder()
    settings = make_settings(
        {"model": {"width": 16, "channel_base": 256, "max_channels": 32, "pyramid": 16}},
        stages={"generator": 1, "encoder": 1, "joint": 2},
        epoch_items=160,
        losses={"adversarial": 0.0},
    )
    train(inputs, settings, recorder, tmp_path)
    first, last = recorder.logged[1][1], recorder.logged[-1][1]
    assert last["val_l2"] < 0.7 * first["val_l2"]
    assert last["val_perceptual"] < first["val_perceptual"]
