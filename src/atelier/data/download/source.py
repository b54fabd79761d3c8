"""`SOURCE.json`: what the files of a raw folder are and where they came from."""

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError

from atelier.atomic_files import digest
from atelier.errors import BadInputError
from atelier.settings import Settings

Kind = Literal["sample", "mirror", "origin"]
"""Made here, fetched from somebody's copy, or from who published it."""
SAMPLE_LICENCE = "CC0 1.0: made by this project"


class Request(Settings):
    """What is wanted: equal requests give equal raw data."""

    dataset: str
    kind: Kind
    address: str
    """Where the files come from."""
    licence: str
    parameters: dict[str, Any] = Field(default_factory=dict)
    """What else decides what the files hold: format, categories, seed."""


class FetchedFile(Settings):
    """One file as it lies in the raw folder."""

    size: int
    sha256: str
    md5: str

    @classmethod
    def describe(cls, path: Path) -> Self:
        return cls(size=path.stat().st_size, sha256=digest(path, "sha256"), md5=digest(path, "md5"))

    def is_intact(self, path: Path, check_hash: bool = False) -> bool:
        """Whether the file at `path` is this one, judged by its size or also by its content."""
        if not path.is_file() or path.stat().st_size != self.size:
            return False
        return not check_hash or digest(path, "sha256") == self.sha256


class Source(Settings):
    """`SOURCE.json`. Without a date, so that equal files give an equal folder."""

    request: Request
    lines: int | None = None
    """Lines after which each file was cut when it was fetched; None for whole files."""
    files: dict[str, FetchedFile]
    problems: dict[str, str] = Field(default_factory=dict)
    """File that is missing → why."""

    def write(self, folder: Path) -> None:
        (folder / "SOURCE.json").write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The source of a raw folder.

        Raises
        ------
        BadInputError
            When nothing has been fetched into it, or by another version of Atelier.
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


def find(folder: Path, request: Request, check_hashes: bool = False) -> Source | None:
    """The source of a folder that answers this request and is intact; files may have been missing upstream."""
    try:
        source = Source.read(folder)
    except BadInputError:
        return None
    return source if source.request == request and source.is_complete(folder, check_hashes) else None


def is_fetched(folder: Path, request: Request, check_hashes: bool = False) -> bool:
    """Whether the folder holds, complete and intact, all that the request asks for."""
    source = find(folder, request, check_hashes)
    return source is not None and not source.problems
