"""Checkpoints of Lightning. A kill at any time loses no more than the current epoch."""

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, NamedTuple

import torch
from lightning.fabric.plugins import TorchCheckpointIO
from lightning.pytorch.callbacks import ModelCheckpoint
from torch import Tensor

from atelier.errors import BadInputError

logger = logging.getLogger(__name__)


class AtomicCheckpointIO(TorchCheckpointIO):  # type: ignore[misc]  # Lightning's types are not read
    """Write a checkpoint to a temporary file in the same folder, then rename it.

    Lightning writes to the system's temporary folder first. If that is on another disk, the file is then copied, and a
    kill during the copy leaves an incomplete file under the final name.
    """

    def save_checkpoint(self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None) -> None:  # noqa: ARG002
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_suffix(".new")
        with temporary.open("wb") as file:
            torch.save(checkpoint, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)


def epoch_checkpoint(folder: Path) -> ModelCheckpoint:
    """Save a checkpoint in `folder` after each epoch, and keep the last two."""
    return ModelCheckpoint(
        dirpath=folder,
        filename="epoch-{epoch:05d}",
        auto_insert_metric_name=False,
        monitor="step",
        mode="max",
        save_top_k=2,
        save_on_train_epoch_end=True,
        enable_version_counter=False,
    )


def latest_checkpoint(folder: Path) -> tuple[Path, dict[str, Any]] | None:
    """Path and content of the newest checkpoint in `folder` that can be read. None: there is no such checkpoint."""
    for path in sorted(folder.glob("epoch-*.ckpt"), reverse=True):
        try:
            return path, torch.load(path, map_location="cpu", weights_only=True)
        except (RuntimeError, EOFError, OSError, UnpicklingError) as error:
            logger.warning("%s cannot be read (%s). The previous checkpoint is used.", path.name, error)
    return None


class ResumePoint(NamedTuple):
    """The checkpoint from which training resumes."""

    path: Path | None
    """The newest checkpoint. None: training starts from the beginning."""
    finished: int
    """Number of finished epochs."""


def resume_point(folder: Path, fingerprint: Mapping[str, Any]) -> ResumePoint:
    """Find the checkpoint in `folder` from which training resumes.

    Parameters
    ----------
    fingerprint
        Everything that determines the result of the run. Each checkpoint contains the fingerprint of its run.

    Raises
    ------
    BadInputError
        When the checkpoints in `folder` come from other data or other settings.
    """
    newest = latest_checkpoint(folder)
    if newest is None:
        return ResumePoint(None, 0)
    path, checkpoint = newest
    if checkpoint.get("fingerprint") != fingerprint:
        raise BadInputError(
            f"{path} was trained on other data or with other settings. Remove {folder}, or train in another folder."
        )
    return ResumePoint(path, checkpoint["epoch"] + 1)


def trained_state(folder: Path, epochs: int, part: str) -> dict[str, Tensor]:
    """Weights of one part of the trained module, from the final checkpoint in `folder`: name in the part → tensor.

    Parameters
    ----------
    epochs
        Number of epochs of a finished training.
    part
        Name of the attribute of the trained module.

    Raises
    ------
    BadInputError
        When there is no checkpoint of a finished training.
    """
    newest = latest_checkpoint(folder)
    if newest is None or newest[1]["epoch"] + 1 < epochs:
        raise BadInputError(f"Training in {folder} is not finished. Run the family's pipeline, which resumes it.")
    state, prefix = newest[1]["state_dict"], f"{part}."
    return {name.removeprefix(prefix): state[name] for name in state if name.startswith(prefix)}
