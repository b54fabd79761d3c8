"""Checkpoints of networks, optimizers and variables. A kill at any time loses no more than the current epoch."""

import json
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf

from atelier.atomic_files import write_atomically
from atelier.errors import BadInputError

logger = logging.getLogger(__name__)

MAX_TO_KEEP = 2
"""Number of checkpoints that are kept: the newest one, and the previous one in case the newest cannot be read."""


class Checkpoints:
    """The checkpoints of one training run.

    TensorFlow writes the files of a checkpoint first and then replaces the list of checkpoints by a rename.

    Parameters
    ----------
    folder
        Folder of the checkpoints and of `fingerprint.json`.
    state
        Name → variable, network or optimizer to save and restore. Optimizers must be built.
    fingerprint
        Everything that determines the result of the run. A folder with another fingerprint is refused.

    Raises
    ------
    BadInputError
        When the checkpoints in `folder` come from other data or other settings.
    """

    def __init__(self, folder: Path, state: Mapping[str, Any], fingerprint: dict[str, Any]) -> None:
        self._epoch = tf.Variable(0, dtype=tf.int64)
        self._state = tf.train.Checkpoint(epoch=self._epoch, **state)
        _check_fingerprint(folder, fingerprint)
        self._manager = tf.train.CheckpointManager(
            self._state, str(folder), max_to_keep=MAX_TO_KEEP, checkpoint_name="epoch"
        )

    def restore(self) -> int:
        """Restore the newest checkpoint that can be read. Returns the number of finished epochs: 0 if there is none."""
        for path in reversed(self._manager.checkpoints):
            try:
                _read_all(path)
            except (tf.errors.OpError, ValueError, IndexError) as error:
                logger.warning("%s cannot be read (%s). The previous checkpoint is used.", Path(path).name, error)
                continue
            self._state.restore(path).assert_consumed()
            return int(self._epoch)
        return 0

    def restore_finished(self, epochs: int, has_stopped: Callable[[], bool] = lambda: False) -> None:
        """Restore the last checkpoint of a finished training.

        Parameters
        ----------
        epochs
            Number of its epochs.
        has_stopped
            Whether the state that is restored is that of a training which ended before.

        Raises
        ------
        BadInputError
            When the training is not finished.
        """
        if self.restore() < epochs and not has_stopped():
            folder = self._manager.directory
            raise BadInputError(f"Training in {folder} is not finished. Run the family's pipeline, which resumes it.")

    def save(self, epoch: int) -> None:
        """Save the state after this epoch. The first epoch is 1."""
        self._epoch.assign(epoch)
        self._manager.save(checkpoint_number=epoch)


def _read_all(path: str) -> None:
    """Raise an error when a part of the checkpoint cannot be read, before anything is restored."""
    reader = tf.train.load_checkpoint(path)
    for name in reader.get_variable_to_shape_map():
        reader.get_tensor(name)


def _check_fingerprint(folder: Path, fingerprint: dict[str, Any]) -> None:
    path = folder / "fingerprint.json"
    if not path.exists():
        write_atomically(path, json.dumps(fingerprint, indent=2) + "\n")
    elif json.loads(path.read_text(encoding="utf-8")) != fingerprint:
        raise BadInputError(
            f"{folder} was trained on other data or with other settings. Remove it, or train in another folder."
        )
