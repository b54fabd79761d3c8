"""The state of one family's lifecycle on disk: its key, its settings, and which steps are done.

    <models>/<family>/              <models>/<family>.previous/   the previous job
        job.json        this state
        checkpoint/     train         model.onnx, exported.json   export
        evaluation/, evaluation.json   evaluate     card.json, version.json   register

A lifecycle with the same parameters, data and code of the family is the same job. It is resumed where it stopped, and
when it is done, running it again does nothing. Another job starts in an empty folder. The old folder becomes
`<family>.previous`, and is used again when its parameters are used again.
"""

import json
import shutil
from pathlib import Path
from typing import Any, Self

from atelier.atomic_files import digest, write_atomically
from atelier.registry.tracking import lineage
from atelier.registry.tracking.run import Run, open_run
from atelier.settings import Settings
from pipelines.lifecycle.contracts import NOT_IN_THE_MODEL, FamilyInputs
from pipelines.lifecycle.families import FAMILIES, Family


class JobState(Settings):
    """Content of `job.json`."""

    family: str
    key: str
    """SHA-256 of parameters, data hashes and the family's code, see `job_key`."""
    tracking_uri: str
    settings: dict[str, Any]
    done: tuple[str, ...] = ()


class Job:
    """One family's lifecycle, read from its folder."""

    def __init__(self, folder: Path, state: JobState) -> None:
        self.folder = folder
        self.state = state
        self.name = state.family
        self.settings = FAMILIES[state.family].settings(state.settings)

    @classmethod
    def open(cls, folder: Path) -> Self:
        return cls(folder, JobState.model_validate_json((folder / "job.json").read_text(encoding="utf-8")))

    @classmethod
    def begin(cls, folder: Path, state: JobState) -> Self:
        """Resume the job with this key from `folder` or from the previous folder, or begin it in an empty folder."""
        previous, waiting = (folder.with_name(f"{folder.name}.{name}") for name in ("previous", "waiting"))
        if waiting.exists():  # a process was killed between the renames below
            waiting.rename(previous if folder.exists() else folder)
        if not _is_folder_of(state, folder):
            resumed = _is_folder_of(state, previous)
            if resumed:
                previous.rename(waiting)
            shutil.rmtree(previous, ignore_errors=True)
            if folder.exists():
                folder.rename(previous)
            if resumed:
                waiting.rename(folder)
        folder.mkdir(parents=True, exist_ok=True)
        if _is_folder_of(state, folder):
            state = state.model_copy(update={"done": cls.open(folder).state.done})
        _write(folder, state)
        return cls(folder, state)

    @property
    def family(self) -> Family:
        return FAMILIES[self.name]

    def run(self, inputs: FamilyInputs) -> Run:
        """Start or resume the MLflow run of the lifecycle, and log its parameters and data."""
        run = open_run(self.state.tracking_uri, f"atelier/{self.name}", self.state.key)
        run.describe(self.state.settings, inputs.manifests())
        return run

    def is_done(self, step: str) -> bool:
        return step in self.state.done

    def mark_done(self, step: str) -> None:
        self.state = self.state.model_copy(update={"done": (*self.state.done, step)})
        _write(self.folder, self.state)


def job_key(family: str, settings: Settings, inputs: FamilyInputs) -> str:
    """One hash of everything that determines a model: parameters, data, and the code in the family's folder."""
    package = Path(str(FAMILIES[family].module("settings").__file__)).parent
    return lineage.digest(
        {
            "family": family,
            "settings": settings.model_dump(mode="json", exclude=set(NOT_IN_THE_MODEL)),
            "data": inputs.content_hashes(),
            "code": {path.name: digest(path, "sha256") for path in sorted(package.glob("*.py"))},
        }
    )


def _is_folder_of(state: JobState, folder: Path) -> bool:
    """Whether the folder belongs to the same job, tracked at the same address."""
    if not (folder / "job.json").exists():
        return False
    stored = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    return (stored["key"], stored["tracking_uri"]) == (state.key, state.tracking_uri)


def _write(folder: Path, state: JobState) -> None:
    path, text = folder / "job.json", state.model_dump_json(indent=2) + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_atomically(path, text)
