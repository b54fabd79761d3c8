"""Checkpoints that survive a kill at any moment: everything that training changes, such as networks and optimisers."""

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
        Where they lie, beside `made_from.json`.
    parts
        What is saved and restored, by name: variables, networks, optimisers. An optimiser must have been built.
    made_from
        What decides the result of the run; a folder that was made from something else is refused.

    Raises
    ------
    BadInputError
        When the checkpoints in `folder` come from other data or other settings.
    """

    def __init__(self, folder: Path, parts: Mapping[str, Any], made_from: dict[str, Any]) -> None:
        self._epoch = tf.Variable(0, dtype=tf.int64)
        self._state = tf.train.Checkpoint(epoch=self._epoch, **parts)
        _claim(folder, made_from)
        self._manager = tf.train.CheckpointManager(self._state, str(folder), max_to_keep=KEPT, checkpoint_name="epoch")

    def restore(self) -> int:
        """Take up the newest checkpoint that can be read; returns the number of finished epochs, 0 without any."""
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
        """Take up the checkpoint of a training that came to its end.

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


def _claim(folder: Path, made_from: dict[str, Any]) -> None:
    path = folder / "made_from.json"
    if not path.exists():
        write_atomically(path, json.dumps(made_from, indent=2) + "\n")
    elif json.loads(path.read_text(encoding="utf-8")) != made_from:
        raise BadInputError(
            f"{folder} was trained on other data or with other settings. Remove it, or train in another folder."
        )
