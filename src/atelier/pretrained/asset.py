"""A pretrained network in a folder: `SOURCE.json`, which names the network, and a file of weights."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar, TypeVar

from atelier.data.download.dvc import dvc_hash
from atelier.data.download.source import Source
from atelier.data.prepared.dataset import SPLITS, Manifest
from atelier.errors import BadInputError, nearest

A = TypeVar("A")


@dataclass(frozen=True)
class Pretrained:
    """Base of the pretrained networks: a lazy handle, whose files are read when they are needed."""

    role: ClassVar[str]
    """What models use it for; its name in the catalog, in the parameters and in `SOURCE.json`."""
    folder: Path

    @cached_property
    def source(self) -> Source:
        """The origin of the weights; their licence is `source.request.licence`."""
        return Source.read(self.folder)

    @property
    def file(self) -> Path:
        """The file of weights."""
        return self.folder / next(iter(self.source.files), "weights.npz")

    def find(self, architectures: Mapping[str, A]) -> A:
        """The architecture that `SOURCE.json` names.

        Raises
        ------
        BadInputError
            When the folder is empty, or names an unknown network.
        """
        name = str(self.source.request.parameters.get("network"))
        if name not in architectures:
            raise BadInputError(f"There is no {self.role} network {name!r}, only {nearest(name, architectures)}.")
        return architectures[name]

    @cached_property
    def manifest(self) -> Manifest:
        """The manifest that a model trained with the network records, as it does for its data sets.

        All splits have the hash of the network: metrics on features of different networks are not comparable.
        """
        raw_hash = dvc_hash(self.folder)
        return Manifest(
            dataset=self.role,
            labels=(),
            counts={},
            content_hash=raw_hash,
            split_hashes=dict.fromkeys(SPLITS, raw_hash),
            rejected={},
            source=self.source.request,
            raw_hash=raw_hash,
            licence=self.source.request.licence,
            fingerprint=raw_hash,
        )
