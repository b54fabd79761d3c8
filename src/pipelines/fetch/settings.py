"""Settings that every fetch node has: which source, and where the mirror is."""

from pathlib import Path
from typing import Self

from pydantic import field_validator, model_validator

from atelier.data.download.source import Kind
from atelier.settings import Settings


class FetchSettings(Settings):
    """Where the data come from. Each data set adds its own settings."""

    source: Kind
    mirror: str | None
    """Folder or fsspec URL that holds a folder for each data set; needed where `source` is `mirror`."""

    @field_validator("mirror")
    @classmethod
    def _one_spelling(cls, mirror: str | None) -> str | None:
        return expanded(mirror) if mirror else mirror

    @model_validator(mode="after")
    def _mirror_is_set(self) -> Self:
        if self.needs_mirror and not self.mirror:
            raise ValueError("source is `mirror`, but no mirror is named: set ATELIER_MIRROR=<folder or URL>")
        return self

    @property
    def needs_mirror(self) -> bool:
        """Whether files are fetched from the mirror."""
        return self.source == "mirror"

    def address(self, name: str, origin: str) -> str:
        """The address of `name` in the mirror where the source is one, else `origin`."""
        return f"{self.mirror}/{name}" if self.source == "mirror" and self.mirror else origin


def expanded(address: str) -> str:
    """A path without a slash at its end and with the home folder for `~`; of a URL only the slash is removed."""
    return address.rstrip("/") if "://" in address else str(Path(address).expanduser())
