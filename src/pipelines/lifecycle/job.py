"""The state of one family's lifecycle on disk: what it is made from, and which steps are done.

    <models>/<family>/              <models>/<family>.previous/   the job before this one
        job.json        this state
        checkpoint/     train         model.onnx, exported.json   export
        evaluation/, evaluation.json   evaluate     card.json, version.json   register

A lifecycle with the same parameters, data and code of the family is the same job: it goes on where it was, and when it
is done, running it again does nothing. Another job starts in an empty folder; the old folder becomes
`<family>.previous`, and is used again when its parameters come back.
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
    """What `job.json` holds."""

    family: str
    key: str
    """SHA-256 over parameters, data hashes and the family's code."""
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
        """Resume the job with this key, from its folder or from the previous one, or begin it in an empty folder."""
        aside, waiting = (folder.with_name(f"{folder.name}.{name}") for name in ("previous", "waiting"))
        if waiting.exists():  # a kill came between the renames below
            waiting.rename(aside if folder.exists() else folder)
        if not _holds(folder, state):
            found = _holds(aside, state)
            if found:
                aside.rename(waiting)
            shutil.rmtree(aside, ignore_errors=True)
            if folder.exists():
                folder.rename(aside)
            if found:
                waiting.rename(folder)
        folder.mkdir(parents=True, exist_ok=True)
        if _holds(folder, state):
            state = state.model_copy(update={"done": cls.open(folder).state.done})
        _write(folder, state)
        return cls(folder, state)

    @property
    def family(self) -> Family:
        return FAMILIES[self.name]

    def run(self, inputs: FamilyInputs) -> Run:
        """The lifecycle's MLflow run, resumed or started, with its parameters and data logged."""
        run = open_run(self.state.tracking_uri, f"atelier/{self.name}", self.state.key)
        run.describe(self.state.settings, inputs.manifests())
        return run

    def is_done(self, step: str) -> bool:
        return step in self.state.done

    def mark_done(self, step: str) -> None:
        self.state = self.state.model_copy(update={"done": (*self.state.done, step)})
        _write(self.folder, self.state)


def job_key(family: str, settings: Settings, inputs: FamilyInputs) -> str:
    """One hash of everything a model is made from: parameters, data, and the code of the family's folder."""
    package = Path(str(FAMILIES[family].module("settings").__file__)).parent
    return lineage.digest(
        {
            "family": family,
            "settings": settings.model_dump(mode="json", exclude=set(NOT_IN_THE_MODEL)),
            "data": inputs.content_hashes(),
            "code": {path.name: digest(path, "sha256") for path in sorted(package.glob("*.py"))},
        }
    )


def _holds(folder: Path, state: JobState) -> bool:
    """Whether the folder is that of this job, tracked at the same address."""
    if not (folder / "job.json").exists():
        return False
    found = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    return (found["key"], found["tracking_uri"]) == (state.key, state.tracking_uri)


def _write(folder: Path, state: JobState) -> None:
    path, text = folder / "job.json", state.model_dump_json(indent=2) + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_atomically(path, text)
