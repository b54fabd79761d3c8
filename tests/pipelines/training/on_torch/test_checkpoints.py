from pathlib import Path

import pytest
import torch

from atelier.errors import BadInputError
from pipelines.training.on_torch.checkpoints import AtomicCheckpointIO, resume_point, trained_state

FINGERPRINT = {"data": "a", "training": {"epochs": 2}}


def write(folder: Path, epoch: int) -> Path:
    """Write a checkpoint of an epoch, as Lightning does. The first epoch is 0."""
    state = {
        "network.weight": torch.full((2,), float(epoch)),
        "network.inner.bias": torch.ones(1),
        "other": torch.ones(1),
    }
    path = folder / f"epoch-{epoch:05d}.ckpt"
    AtomicCheckpointIO().save_checkpoint({"epoch": epoch, "fingerprint": FINGERPRINT, "state_dict": state}, path)
    return path


def test_training_starts_at_the_beginning_without_a_checkpoint(tmp_path) -> None:
    assert resume_point(tmp_path, FINGERPRINT) == (None, 0)


def test_training_resumes_from_the_newest_checkpoint(tmp_path) -> None:
    write(tmp_path, 0)
    newest = write(tmp_path, 1)
    assert resume_point(tmp_path, FINGERPRINT) == (newest, 2)
    assert {path.suffix for path in tmp_path.iterdir()} == {".ckpt"}


@pytest.mark.parametrize("damage", [lambda content: content[: len(content) // 2], lambda _: b"", lambda _: b"no zip"])
def test_a_damaged_checkpoint_is_skipped(tmp_path, damage) -> None:
    previous, newest = write(tmp_path, 0), write(tmp_path, 1)
    newest.write_bytes(damage(newest.read_bytes()))
    assert resume_point(tmp_path, FINGERPRINT) == (previous, 1)


def test_checkpoints_of_another_run_are_refused(tmp_path) -> None:
    write(tmp_path, 0)
    with pytest.raises(BadInputError, match="other data or with other settings"):
        resume_point(tmp_path, FINGERPRINT | {"data": "b"})


def test_the_trained_state_contains_one_part_of_the_module(tmp_path) -> None:
    write(tmp_path, 0)
    write(tmp_path, 1)
    state = trained_state(tmp_path, 2, "network")
    assert state.keys() == {"weight", "inner.bias"}
    assert state["weight"].tolist() == [1, 1]


def test_an_unfinished_training_has_no_trained_state(tmp_path) -> None:
    with pytest.raises(BadInputError, match="not finished"):
        trained_state(tmp_path, 1, "network")
    write(tmp_path, 0)
    with pytest.raises(BadInputError, match="not finished"):
        trained_state(tmp_path, 2, "network")
