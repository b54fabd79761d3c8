"""`SOURCE.json`: the files of a raw folder, and where they come from."""

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError

from atelier.atomic_files import digest
from atelier.errors import BadInputError
from atelier.settings import Settings

Kind = Literal["sample", "mirror", "origin"]
"""Made here, fetched from a copy, or fetched from the publisher."""
SAMPLE_LICENCE = "CC0 1.0: made by this project"


class DataRequest(Settings):
    """Which raw data is requested: equal requests give equal raw data."""

    dataset: str
    kind: Kind
    address: str
    """Where the files come from."""
    licence: str
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

    def is_intact(self, path: Path, check_hash: bool = False) -> bool:
        """Whether the file at `path` has this size and, where `check_hash`, this content."""
        if not path.is_file() or path.stat().st_size != self.size:
            return False
        return not check_hash or digest(path, "sha256") == self.sha256


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

    def is_complete(self, folder: Path, check_hashes: bool = False) -> bool:
        """Whether every file that was fetched is still there and intact."""
        return all(file.is_intact(folder / name, check_hashes) for name, file in self.files.items())


def find_source(folder: Path, request: DataRequest, check_hashes: bool = False) -> Source | None:
    """The source of a folder that holds this request's data intact, else None. `problems` may name missing files."""
    try:
        source = Source.read(folder)
    except BadInputError:
        return None
    return source if source.request == request and source.is_complete(folder, check_hashes) else None


def is_fetched(folder: Path, request: DataRequest, check_hashes: bool = False) -> bool:
    """Whether the folder holds all data of the request, intact."""
    source = find_source(folder, request, check_hashes)
    return source is not None and not source.problems
