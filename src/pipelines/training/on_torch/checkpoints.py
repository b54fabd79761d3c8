"""Checkpoints that survive a kill at any moment."""

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
    """Write beside the target, then rename.

    Lightning's own writer goes through the system's temporary folder; where that is another disk, its last step is a
    copy, and a kill in the middle of it leaves half a file under the final name.
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


def each_epoch(folder: Path) -> ModelCheckpoint:
    """A checkpoint after every epoch in `folder`; the last two are kept."""
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


def latest(folder: Path) -> tuple[Path, dict[str, Any]] | None:
    """The newest checkpoint in `folder` that can be read, with its content; None where there is none."""
    for path in sorted(folder.glob("epoch-*.ckpt"), reverse=True):
        try:
            return path, torch.load(path, map_location="cpu", weights_only=True)
        except (RuntimeError, EOFError, OSError, UnpicklingError) as error:
            logger.warning("%s cannot be read (%s): going back to the one before.", path.name, error)
    return None


class ResumePoint(NamedTuple):
    """Where a training goes on."""

    path: Path | None
    """The newest checkpoint; None where there is none."""
    finished: int
    """Epochs that were trained."""


def resume_point(folder: Path, fingerprint: Mapping[str, Any]) -> ResumePoint:
    """The newest checkpoint in `folder` that training goes on from.

    Parameters
    ----------
    fingerprint
        What decides the result of a run; each checkpoint holds that of its run.

    Raises
    ------
    BadInputError
        When the checkpoints in `folder` come from other data or other settings.
    """
    newest = latest(folder)
    if newest is None:
        return ResumePoint(None, 0)
    path, checkpoint = newest
    if checkpoint.get("fingerprint") != fingerprint:
        raise BadInputError(
            f"{path} was trained on other data or with other settings. Remove {folder}, or train elsewhere."
        )
    return ResumePoint(path, checkpoint["epoch"] + 1)


def trained_state(folder: Path, epochs: int, part: str) -> dict[str, Tensor]:
    """Weights of the final checkpoint in `folder`: of the trained module's attribute `part`, by their names within it.

    Raises
    ------
    BadInputError
        When there is no checkpoint of a finished training.
    """
    newest = latest(folder)
    if newest is None or newest[1]["epoch"] + 1 < epochs:
        raise BadInputError(f"Training in {folder} is not finished. Run the family's pipeline, which goes on with it.")
    state, prefix = newest[1]["state_dict"], f"{part}."
    return {name.removeprefix(prefix): state[name] for name in state if name.startswith(prefix)}
