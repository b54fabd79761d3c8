"""A perceptual network as it lies in a folder: `SOURCE.json` says which, beside it the file of its weights."""

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
    """A handle: nothing is read before it is needed.

    A family builds it in its framework (`pipelines/on_<framework>/perceptual.py`), evaluation with an
    `extractor.Extractor`.
    """

    folder: Path

    @cached_property
    def source(self) -> Source:
        """Where it is from; its licence is `source.request.licence`."""
        return Source.read(self.folder)

    @cached_property
    def architecture(self) -> Architecture:
        """What the layers are.

        Raises
        ------
        BadInputError
            When the folder holds nothing, or a network that nobody knows.
        """
        name = str(self.source.request.parameters.get("network"))
        if name not in ARCHITECTURES:
            raise BadInputError(f"There is no perceptual network {name!r}, only {nearest(name, ARCHITECTURES)}.")
        return ARCHITECTURES[name]

    @cached_property
    def weights(self) -> Weights:
        """Read and checked, see `read_weights`."""
        name = next(iter(self.source.files), "weights.npz")
        return read_weights(self.folder / name, self.architecture)

    @cached_property
    def manifest(self) -> Manifest:
        """What a model that learns through it keeps of where it is from, as of its data.

        Its hash is every split's: features of two networks do not compare.
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
            made_from=raw_hash,
        )
