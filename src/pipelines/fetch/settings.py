"""What every data set's fetching is told: which source, and where a mirror is."""

from typing import Self

from pydantic import model_validator

from atelier.data.download.source import Kind
from atelier.settings import Settings


class FetchSettings(Settings):
    """Where data come from; a data set adds what it lets one choose."""

    source: Kind = "sample"
    mirror: str | None = None
    """Folder or fsspec URL that holds a folder for each data set."""

    @model_validator(mode="after")
    def _mirror_is_named(self) -> Self:
        if self.source == "mirror" and not self.mirror:
            raise ValueError("source is `mirror`, but no mirror is named: set ATELIER_MIRROR=<folder or URL>")
        return self

    def address(self, name: str, origin: str) -> str:
        """Where `name` lies in the mirror or, without one, `origin`."""
        return f"{self.mirror.rstrip('/')}/{name}" if self.source == "mirror" and self.mirror else origin
