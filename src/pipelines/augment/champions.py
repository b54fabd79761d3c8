"""The champions that the experiment asks: one draws, the other says what is good enough."""

from dataclasses import dataclass
from pathlib import Path

from atelier.atomic_files import digest
from atelier.model_card import MODEL, ModelSpec
from atelier.onnx.model import OnnxModel
from atelier.registry.models import Registry
from pipelines.lifecycle import judges


@dataclass(frozen=True)
class Champion:
    """A family's champion, its file not yet loaded."""

    version: str
    """As people name it: `quickdraw_gan v3`."""
    path: Path
    spec: ModelSpec

    @property
    def hash(self) -> str:
        """Of its file: another registry may give another model the same number."""
        return digest(self.path, "sha256")

    def model(self) -> OnnxModel:
        """Loaded, for all cores."""
        return OnnxModel(self.path, threads=0)


def champion(registry: Registry, family: str) -> Champion:
    """The family's champion.

    Raises
    ------
    AtelierError
        When it has none.
    """
    version = judges.champion(registry, family, "The experiment asks")
    return Champion(str(version), registry.onnx(version)[MODEL], registry.card(version).spec)
