"""`SOURCE.json`: the files of a raw folder, and where they come from."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError

from atelier.atomic_files import digest
from atelier.data.download.notes import changed_at_source, notes_path, sha256_of_files
from atelier.data.download.open_remote import FileVersion
from atelier.errors import BadInputError
from atelier.settings import Settings

log = logging.getLogger(__name__)

Kind = Literal["sample", "mirror", "origin", "package"]
"""Made here, fetched from a copy, fetched from the publisher, or a file inside a released Python distribution."""
SAMPLE_LICENCE = "CC0 1.0: made by this project"


class DataRequest(Settings):
    """Which raw data is requested: equal requests give equal raw data."""

    dataset: str
    kind: Kind
    address: str
    """Where the files come from."""
    licence: str
    intended_use: str = ""
    """What the data may be used for, and what not; empty where nothing is stated beyond the licence."""
    parameters: dict[str, Any] = Field(default_factory=dict)
    """Everything else that determines the content of the files: format, categories, seed."""


class FetchedFile(Settings):
    """One file of the raw folder."""

    size: int
    sha256: str
    md5: str

    @classmethod
    def describe(cls, path: Path) -> Self:
        return cls(size=path.stat().st_size, sha256=digest(path, "sha256"), md5=digest(path, "md5"))


class Source(Settings):
    """The content of `SOURCE.json`. It holds no date, so that equal files give an equal folder."""

    request: DataRequest
    lines: int | None = None
    """Lines that were fetched of each file; None for whole files."""
    files: dict[str, FetchedFile]
    problems: dict[str, str] = Field(default_factory=dict)
    """Missing file → reason."""

    def write(self, folder: Path) -> None:
        (folder / "SOURCE.json").write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the source of a raw folder.

        Raises
        ------
        BadInputError
            When nothing has been fetched into the folder, or another version of Atelier fetched it.
        """
        path = folder / "SOURCE.json"
        if not path.exists():
            raise BadInputError(
                f"There is no raw data in {folder}. Fetch it with: kedro run --pipelines fetch, with the same --env"
            )
        try:
            return cls.model_validate_json(path.read_text(encoding="utf-8"))
        except ValidationError as error:
            raise BadInputError(f"{path} cannot be read. Remove {folder} and fetch it again. ({error})") from error

    def changed(self, folder: Path, versions: Mapping[str, FileVersion]) -> set[str]:
        """Names whose source has changed since they were fetched; see `notes.changed_at_source`."""
        whole = {name: file.size for name, file in self.files.items()} if self.lines is None else {}
        return changed_at_source(notes_path(folder), versions, whole)

    def damaged_files(self, folder: Path, check_hashes: bool = False) -> dict[str, str]:
        """File that is not the one that was fetched → what is wrong with it.

        Parameters
        ----------
        check_hashes
            Hash every file. Otherwise a file is hashed when its size or a time stamp has changed since the last time.
        """
        found = sha256_of_files(folder, self.files, check_hashes)
        return {
            name: "is missing" if found[name] is None else "has another SHA-256 than SOURCE.json states"
            for name, file in self.files.items()
            if found[name] != file.sha256
        }

    def check_files(self, folder: Path, check_hashes: bool = False) -> None:
        """Check that every file is the one that was fetched. Parameters as for `damaged_files`.

        Raises
        ------
        BadInputError
            The message names the files, and says how to fetch them again.
        """
        damaged = self.damaged_files(folder, check_hashes)
        if damaged:
            (name, what), more = next(iter(damaged.items())), len(damaged) - 1
            others = f" ({more} more files are damaged too)" if more else ""
            raise BadInputError(
                f"{folder / name} {what}{others}. Nothing is prepared from damaged data. Fetch it again with: "
                f"kedro run --pipelines fetch --nodes fetch.{self.request.dataset}, with the same --env"
            )


def find_source(folder: Path, request: DataRequest, check_hashes: bool = False) -> Source | None:
    """The source of a folder that holds this request's data intact, else None. `problems` may name missing files."""
    try:
        source = Source.read(folder)
    except BadInputError:
        return None
    if source.request != request:
        return None
    damaged = source.damaged_files(folder, check_hashes)
    for name, what in damaged.items():
        log.warning("%s %s. It is fetched again.", folder / name, what)
    return None if damaged else source


def is_fetched(folder: Path, request: DataRequest, check_hashes: bool = False) -> bool:
    """Whether the folder holds all data of the request, intact."""
    source = find_source(folder, request, check_hashes)
    return source is not None and not source.problems


def is_current(folder: Path, request: DataRequest, versions: Mapping[str, FileVersion]) -> bool:
    """Whether the folder holds all data of the request, intact, and the source still has these versions of it."""
    source = find_source(folder, request)
    return source is not None and not source.problems and not source.changed(folder, versions)
