"""What the worker processes of a study need to know, as one JSON file in the study's folder.

data/<env>/tuning/<family>/
    tuning.db                       Optuna's storage: all studies of the family
    <study>/study.json              this specification
    <study>/study.lock              held while the study is run
    <study>/worker-0.log            what a worker prints
    <study>/trials/007/             checkpoints of trial 7 while it is not finished
"""

import hashlib
import importlib
import json
from pathlib import Path
from typing import Any, Self, get_type_hints

from atelier.atomic_files import write_atomically
from atelier.settings import Settings
from pipelines.lifecycle.contracts import Ingredient
from pipelines.lifecycle.families import open_ingredient
from pipelines.lifecycle.tuning import TuningSettings

FILE = "study.json"


class StudySpec(Settings):
    """One study: what is tuned, on which data, and where the results are written."""

    study: str
    """Its name, see `study_name`."""
    nodes: str
    """Module with the family's `train`."""
    settings: dict[str, Any]
    """The family's settings with `tuning.overrides` applied."""
    tuning: TuningSettings
    data: dict[str, Path]
    """Data set or asset → its folder."""
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
    def train(self) -> Any:
        """The family's `train`; the only place in which the search loads a family."""
        return importlib.import_module(self.nodes).train

    @property
    def family_settings(self) -> Any:
        """`settings` as the family's own type."""
        return get_type_hints(self.train)["settings"].model_validate(self.settings)

    def open_data(self) -> dict[str, Ingredient]:
        return {name: open_ingredient(name, folder) for name, folder in self.data.items()}

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
