from pathlib import Path

import pytest
import tensorflow as tf

from atelier.errors import BadInputError
from pipelines.training.on_tensorflow.checkpoints import MAX_TO_KEEP, Checkpoints


def save(folder: Path, epochs: int) -> None:
    value = tf.Variable(0.0)
    checkpoints = Checkpoints(folder, {"value": value}, {"seed": 0})
    for epoch in range(1, epochs + 1):
        value.assign(10.0 * epoch)
        checkpoints.save(epoch)


def restore(folder: Path) -> tuple[int, float]:
    value = tf.Variable(-1.0)
    return Checkpoints(folder, {"value": value}, {"seed": 0}).restore(), float(value)


def test_without_a_checkpoint_nothing_changes(tmp_path: Path) -> None:
    assert restore(tmp_path) == (0, -1)


def test_the_newest_checkpoint_is_restored_and_few_are_kept(tmp_path: Path) -> None:
    save(tmp_path, 4)
    assert restore(tmp_path) == (4, 40)
    assert len(list(tmp_path.glob("*.index"))) == MAX_TO_KEEP


@pytest.mark.parametrize("damage", [b"", b"nonsense"])
def test_a_damaged_checkpoint_is_skipped(tmp_path: Path, damage: bytes) -> None:
    save(tmp_path, 3)
    (tmp_path / "epoch-3.data-00000-of-00001").write_bytes(damage)
    assert restore(tmp_path) == (2, 20)


def test_checkpoints_of_other_settings_are_refused(tmp_path: Path) -> None:
    save(tmp_path, 1)
    with pytest.raises(BadInputError, match="other settings"):
        Checkpoints(tmp_path, {"value": tf.Variable(0.0)}, {"seed": 1})
