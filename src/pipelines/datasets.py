"""Kedro datasets for files, folders and the model registry. Loading returns a handle and reads nothing large."""

import json
from pathlib import Path
from typing import Any, NoReturn

from kedro.io import AbstractDataset

from atelier.atomic_files import write_atomically
from atelier.data.prepared.dataset import PreparedData
from atelier.pretrained.asset import Pretrained
from atelier.pretrained.backbones.asset import Backbone
from atelier.pretrained.faces.detector import FaceDetector
from atelier.pretrained.faces.judges import FaceJudges
from atelier.pretrained.perceptual.asset import Perceptual

_PRETRAINED: dict[str, type[Pretrained]] = {
    each.role: each for each in (Perceptual, Backbone, FaceDetector, FaceJudges)
}


class _Handle(AbstractDataset[Any, Any]):
    """A file or folder that is passed on by its path.

    Parameters
    ----------
    metadata
        For plugins such as Kedro-Viz: the layer in which it is drawn.
    """

    def __init__(self, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._path = Path(filepath)
        self.metadata = metadata

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._path)}

    def _exists(self) -> bool:
        return self._path.exists()


class PathDataset(_Handle):
    """A file or folder that its node writes in place, such as checkpoints. Loads as a path."""

    def load(self) -> Path:
        return self._path

    def save(self, data: Path) -> None:
        if Path(data) != self._path or not self._path.exists():
            raise ValueError(f"The node must write {self._path}, but wrote {data}.")


class PreparedDataset(_Handle):
    """A prepared data set. Loads as a `PreparedData`, which reads on first use."""

    def load(self) -> PreparedData:
        return PreparedData(self._path)

    def save(self, data: PreparedData) -> None:
        if data.folder != self._path:
            raise ValueError(f"The node must write {self._path}, but wrote {data.folder}.")


class PretrainedDataset(_Handle):
    """A pretrained network, such as the perceptual network. Loads as a handle, which reads on first use."""

    def __init__(self, filepath: str, role: str, metadata: dict[str, Any] | None = None) -> None:
        super().__init__(filepath, metadata)
        self._type = _PRETRAINED[role]

    def load(self) -> Pretrained:
        return self._type(self._path)

    def save(self, data: Pretrained) -> None:
        if data.folder != self._path:
            raise ValueError(f"The node must write {self._path}, but wrote {data.folder}.")


class StateDataset(_Handle):
    """A small JSON document. Loads as None when it has not been written. An unchanged one is not written again."""

    def load(self) -> dict[str, Any] | None:
        return json.loads(self._path.read_text(encoding="utf-8")) if self._path.exists() else None

    def save(self, data: dict[str, Any]) -> None:
        if data != self.load():
            write_atomically(self._path, json.dumps(data, indent=2) + "\n")


class RegistryDataset(AbstractDataset[NoReturn, Any]):
    """The model registry at a tracking URI, with a prefix of its own for the names of an environment's models."""

    def __init__(self, tracking_uri: str, prefix: str = "") -> None:
        self._uri, self._prefix = tracking_uri, prefix

    def load(self) -> Any:
        from atelier.registry.models import Registry

        return Registry(self._uri, prefix=self._prefix)

    def save(self, data: NoReturn) -> NoReturn:  # noqa: ARG002
        raise ValueError("The registry is changed by registration and promotion, not by the catalog.")

    def _describe(self) -> dict[str, Any]:
        return {"tracking_uri": self._uri, "prefix": self._prefix}
