"""Settings that every fetch node has: which source, and where the mirror is."""

from pathlib import Path

from pydantic import field_validator

from atelier.data.download.source import Kind
from atelier.errors import BadInputError
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

    def address(self, name: str, origin: str) -> str:
        """The address of `name` in the mirror where the source is one, else `origin`.

        Raises
        ------
        BadInputError
            When the source is a mirror that is not set. This is not checked before, because Kedro validates the
            settings of all nodes also when it runs others, which need no mirror.
        """
        if self.source != "mirror":
            return origin
        if not self.mirror:
            raise BadInputError(
                f"{name} is fetched from a mirror, but none is named: set ATELIER_MIRROR=<folder or URL>, or another "
                f"source with --params {name.partition('/')[0]}.fetch.source=…"
            )
        return f"{self.mirror}/{name}"


def expanded(address: str) -> str:
    """A path without a slash at its end and with the home folder for `~`; of a URL only the slash is removed."""
    return address.rstrip("/") if "://" in address else str(Path(address).expanduser())
