"""A perceptual network in a folder: `SOURCE.json`, which names the network, and a file of weights."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from atelier.data.download.dvc import dvc_hash
from atelier.data.download.source import Source
from atelier.data.prepared.dataset import SPLITS, Manifest
from atelier.errors import BadInputError, nearest
from atelier.pretrained.perceptual.architectures import ARCHITECTURES
from atelier.pretrained.perceptual.layers import Architecture
from atelier.pretrained.perceptual.weights import Weights, read_weights


@dataclass(frozen=True)
class Perceptual:
    """A lazy handle: files are read when they are needed.

    A family builds the network in its framework (`pipelines/training/on_<framework>/perceptual.py`); evaluation uses an
    `extractor.Extractor`.
    """

    folder: Path

    @cached_property
    def source(self) -> Source:
        """The origin of the weights; their licence is `source.request.licence`."""
        return Source.read(self.folder)

    @cached_property
    def architecture(self) -> Architecture:
        """The architecture of the network.

        Raises
        ------
        BadInputError
            When the folder is empty, or names an unknown network.
        """
        name = str(self.source.request.parameters.get("network"))
        if name not in ARCHITECTURES:
            raise BadInputError(f"There is no perceptual network {name!r}, only {nearest(name, ARCHITECTURES)}.")
        return ARCHITECTURES[name]

    @cached_property
    def weights(self) -> Weights:
        """The weights, read and checked by `read_weights`."""
        name = next(iter(self.source.files), "weights.npz")
        return read_weights(self.folder / name, self.architecture)

    @cached_property
    def manifest(self) -> Manifest:
        """The manifest that a model trained with the network records, as it does for its data sets.

        All splits have the hash of the network: metrics on features of different networks are not comparable.
        """
        raw_hash = dvc_hash(self.folder)
        return Manifest(
            dataset="perceptual",
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
