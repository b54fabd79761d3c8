"""What the worker processes of a study need to know, as one JSON file in the study's folder.

data/<env>/tuning/<family>/
    tuning.db                       Optuna's storage: all studies of the family
    <study>/plan.json               this plan
    <study>/worker-0.log            what a worker prints
    <study>/trials/007/             checkpoints of trial 7 while it is not finished
"""

import hashlib
import json
from pathlib import Path
from typing import Any, Self

from atelier.atomic_files import write_atomically
from atelier.settings import Settings
from pipelines.lifecycle.families import Family
from pipelines.lifecycle.tuning import TuningSettings


class Plan(Settings):
    """One study: what is tuned, on what, and where it is written."""

    study: str
    """Its name; equal names mean that nothing has changed that would make its trials incomparable."""
    package: str
    """Import path of the family's folder."""
    settings: dict[str, Any]
    """The family's settings with `tuning.overrides` applied."""
    tuning: TuningSettings
    data: dict[str, Path]
    """Data set or pretrained network → its folder."""
    trials: int
    """Finished trials (complete or pruned) that the study shall have in all."""
    workers: int
    tracking_uri: str
    run_id: str
    """MLflow run of the study; each trial is a nested run of it."""
    storage: Path

    @property
    def family(self) -> Family:
        return Family(self.package)

    def write(self, folder: Path) -> None:
        write_atomically(folder / "plan.json", self.model_dump_json(indent=2) + "\n")

    @classmethod
    def read(cls, folder: Path) -> Self:
        return cls.model_validate_json((folder / "plan.json").read_text(encoding="utf-8"))


def study_name(job_key: str, tuning: TuningSettings) -> str:
    """Twelve hexadecimal digits that stand for everything a trial's value depends on.

    How often workers give a sign of life is not part of it.
    """
    search = tuning.model_dump_json(exclude={"heartbeat_s"})
    return hashlib.sha256(json.dumps([job_key, search]).encode()).hexdigest()[:12]
