"""Checkpoints that survive a kill at any moment: everything that training changes, such as networks and optimizers."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf

from atelier.atomic_files import write_atomically
from atelier.errors import BadInputError

logger = logging.getLogger(__name__)

KEPT = 2
"""The newest, and the one before it in case a full disk or a bad sector spoils the newest."""


class Checkpoints:
    """The checkpoints of one training run.

    TensorFlow writes a checkpoint's files first and the list of checkpoints last, by a rename.

    Parameters
    ----------
    folder
        Where they lie, beside `fingerprint.json`.
    state
        What is saved and restored, by name: variables, networks, optimizers. An optimizer must have been built.
    fingerprint
        What decides the result of the run; a folder with another one is refused.

    Raises
    ------
    BadInputError
        When the checkpoints in `folder` come from other data or other settings.
    """

    def __init__(self, folder: Path, state: Mapping[str, Any], fingerprint: dict[str, Any]) -> None:
        self._epoch = tf.Variable(0, dtype=tf.int64)
        self._state = tf.train.Checkpoint(epoch=self._epoch, **state)
        _check_fingerprint(folder, fingerprint)
        self._manager = tf.train.CheckpointManager(self._state, str(folder), max_to_keep=KEPT, checkpoint_name="epoch")

    def restore(self) -> int:
        """Restore the newest checkpoint that can be read; returns the number of finished epochs, 0 without any."""
        for path in reversed(self._manager.checkpoints):
            try:
                _read_all(path)
            except (tf.errors.OpError, ValueError, IndexError) as error:
                logger.warning("%s cannot be read (%s): going back to the one before.", Path(path).name, error)
                continue
            self._state.restore(path).assert_consumed()
            return int(self._epoch)
        return 0

    def restore_finished(self, epochs: int) -> None:
        """Restore the last checkpoint of a finished training.

        Raises
        ------
        BadInputError
            When there is none.
        """
        if self.restore() < epochs:
            folder = self._manager.directory
            raise BadInputError(
                f"Training in {folder} is not finished. Run the family's pipeline, which goes on with it."
            )

    def save(self, epoch: int) -> None:
        """Keep the state after this epoch, the first being 1."""
        self._epoch.assign(epoch)
        self._manager.save(checkpoint_number=epoch)


def _read_all(path: str) -> None:
    """Raise where a part of the checkpoint is missing, before restoring has changed anything."""
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
