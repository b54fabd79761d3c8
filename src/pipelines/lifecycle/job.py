"""The state of one family's lifecycle on disk: its key, its settings, and which steps are done.

    <models>/<family>/              <models>/<family>.previous/   the previous job
        job.json        this state
        checkpoint/     train         model.onnx, exported.json   export
        evaluation/, evaluation.json, metrics.json   evaluate     card.json, version.json   register

A lifecycle with the same parameters, data and code of the family is the same job. It is resumed where it stopped, and
when it is done, running it again does nothing. Another job starts in an empty folder. The old folder becomes
`<family>.previous`, and is used again when its parameters are used again.

A job that is begun again, because its folder was lost, is another attempt with a run of its own in MLflow: it may end
in another file, and then each version must keep its own card and results.
"""

import json
import secrets
import shutil
from pathlib import Path
from typing import Any, Self

from atelier.atomic_files import write_atomically
from atelier.errors import BadInputError
from atelier.registry.models import Registry
from atelier.registry.tracking import lineage
from atelier.registry.tracking.run import Run, open_run
from atelier.registry.version import Version
from atelier.settings import Settings
from pipelines.lifecycle.code_hash import code_hash
from pipelines.lifecycle.contracts import NOT_IN_THE_MODEL, FamilyInputs, FamilySettings, hashes_of_model
from pipelines.lifecycle.families import FAMILIES, Family


class JobState(Settings):
    """Content of `job.json`."""

    family: str
    key: str
    """Hash of everything that determines the model, see `job_key`."""
    attempt: str = ""
    """Chosen at random when the folder is created."""
    tracking_uri: str
    prefix: str = ""
    """The address of MLflow, and the prefix of the names there; see `Registry`. They do not belong to the identity of
    the job."""
    settings: dict[str, Any]
    git: tuple[str, bool] = (lineage.UNKNOWN_COMMIT, True)
    """Git commit of the training, and whether the code differed from it."""
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
        return cls(
            folder, JobState.model_validate_json((folder / "job.json").read_text(encoding="utf-8"), extra="ignore")
        )

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
            # The state is removed first. Otherwise a kill could leave a state whose steps are done without their files.
            (previous / "job.json").unlink(missing_ok=True)
            shutil.rmtree(previous, ignore_errors=True)
            if folder.exists():
                folder.rename(previous)
            if resumed:
                waiting.rename(folder)
        folder.mkdir(parents=True, exist_ok=True)
        if _is_folder_of(state, folder):
            stored = cls.open(folder).state
            git = stored.git if stored.done else state.git
            state = state.model_copy(update={"done": stored.done, "attempt": stored.attempt, "git": git})
        else:
            state = state.model_copy(update={"attempt": secrets.token_hex(4)})
        _write(folder, state)
        return cls(folder, state)

    @property
    def family(self) -> Family:
        return FAMILIES[self.name]

    def run(self, inputs: FamilyInputs) -> Run:
        """Start or resume the MLflow run of the lifecycle, and log its parameters and data."""
        key = f"{self.state.key}-{self.state.attempt}" if self.state.attempt else self.state.key
        run = open_run(self.state.tracking_uri, self.registry().experiment(self.name), key)
        run.describe(self.state.settings, inputs.manifests())
        return run

    def registry(self, client: Any = None) -> Registry:
        """The registry of the job. Give a client to use it instead of connecting to the registry."""
        return Registry(self.state.tracking_uri, client, self.state.prefix)

    def is_done(self, step: str) -> bool:
        return step in self.state.done

    def undo(self, step: str) -> None:
        """Mark a step as not done."""
        self.state = self.state.model_copy(update={"done": tuple(done for done in self.state.done if done != step)})
        _write(self.folder, self.state)

    def version(self) -> Version:
        """The version that the step `register` has registered."""
        return Version.model_validate_json((self.folder / "version.json").read_text(encoding="utf-8"))

    def check_is_current(self, settings: FamilySettings, inputs: FamilyInputs) -> None:
        """Compare the parameters, data and code of this run with those of the job.

        Raises
        ------
        BadInputError
            When something that changes the model differs, because only `start` begins another job.
        """
        if job_key(self.name, settings, inputs) == self.state.key:
            return
        begun, current = (
            each.model_dump(mode="json", exclude=set(NOT_IN_THE_MODEL)) for each in (self.settings, settings)
        )
        blocks = ", ".join(name for name in begun if begun[name] != current[name])
        other = f"other parameters ({blocks})" if blocks else "other data or code"
        raise BadInputError(
            f"The job of {self.name} was begun with {other}. Run the node {self.name}.start before this one, "
            f"or the whole pipeline: kedro run --pipelines {self.name}."
        )

    def mark_done(self, step: str) -> None:
        self.state = self.state.model_copy(update={"done": (*self.state.done, step)})
        _write(self.folder, self.state)


def model_inputs(family: str, settings: FamilySettings, inputs: FamilyInputs) -> dict[str, Any]:
    """Everything that determines a model.

    These are its parameters, the content of the splits and the pretrained networks that training and export read, and
    the code that computes it, with the versions of its libraries (`code_hash`).
    """
    package = FAMILIES[family].package
    return {
        "family": family,
        "settings": settings.model_dump(mode="json", exclude=set(NOT_IN_THE_MODEL)),
        "data": hashes_of_model(inputs, settings),
        "code": code_hash(f"{package}.training", f"{package}.export"),
    }


def job_key(family: str, settings: FamilySettings, inputs: FamilyInputs) -> str:
    """One hash of everything that determines a model."""
    return lineage.digest(model_inputs(family, settings, inputs))


def _is_folder_of(state: JobState, folder: Path) -> bool:
    """Whether the folder belongs to the same job."""
    if not (folder / "job.json").exists():
        return False
    stored = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    return bool(stored["key"] == state.key)


def _write(folder: Path, state: JobState) -> None:
    path, text = folder / "job.json", state.model_dump_json(indent=2) + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_atomically(path, text)
