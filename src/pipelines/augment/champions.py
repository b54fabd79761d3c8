"""The two champions of the experiment: one makes the drawings, the other decides which are good enough."""

from dataclasses import dataclass
from pathlib import Path

from atelier.atomic_files import digest
from atelier.model_card import MODEL, ModelSpec
from atelier.onnx.model import OnnxModel
from atelier.registry.models import Registry
from pipelines.lifecycle import judges


@dataclass(frozen=True)
class Champion:
    """A family's champion; its ONNX file is loaded when it is needed."""

    version: str
    """Name and number: `quickdraw_gan v3`."""
    path: Path
    spec: ModelSpec

    @property
    def hash(self) -> str:
        """SHA-256 of its file: in another registry another model may have the same number."""
        return digest(self.path, "sha256")

    def model(self) -> OnnxModel:
        """Load the ONNX file, to run on all cores."""
        return OnnxModel(self.path, threads=0)


def find_champion(registry: Registry, family: str) -> Champion:
    """The family's champion.

    Raises
    ------
    AtelierError
        When it has none.
    """
    version = judges.champion(registry, family, "The experiment needs")
    return Champion(str(version), registry.onnx(version)[MODEL], registry.card(version).spec)
