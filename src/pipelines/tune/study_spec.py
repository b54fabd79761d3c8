"""What the worker processes of a study need to know, as one JSON file in the study's folder.

data/<env>/tuning/<family>/
    tuning.db                       Optuna's storage: all studies of the family
    <study>/study.json              this specification
    <study>/study.lock              held while the study is run
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

FILE = "study.json"


class StudySpec(Settings):
    """One study: what is tuned, on which data, and where the results are written."""

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
    """Number of finished trials (complete or pruned) with which the study is complete."""
    workers: int
    """Number of processes."""
    tracking_uri: str
    """Of MLflow."""
    run_id: str
    """MLflow run of the study; each trial is a nested run of it."""
    storage: Path
    """Optuna's SQLite file."""

    @property
    def family(self) -> Family:
        return Family(self.package)

    def write(self, folder: Path) -> None:
        write_atomically(folder / FILE, self.model_dump_json(indent=2) + "\n")

    @classmethod
    def read(cls, folder: Path) -> Self:
        return cls.model_validate_json((folder / FILE).read_text(encoding="utf-8"))


def study_name(job_key: str, tuning: TuningSettings) -> str:
    """Twelve hexadecimal digits: a hash of everything that changes the value of a trial.

    Studies with the same name can be continued. How often a worker reports that it is alive is not part of the hash.
    """
    search = tuning.model_dump_json(exclude={"heartbeat_s"})
    return hashlib.sha256(json.dumps([job_key, search]).encode()).hexdigest()[:12]
