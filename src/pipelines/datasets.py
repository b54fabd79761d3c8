"""Kedro datasets for what Atelier keeps on disk and in MLflow. Loading one opens a handle; nothing large is read."""

import json
from pathlib import Path
from typing import Any, NoReturn

from kedro.io import AbstractDataset

from atelier.atomic_files import write_atomically
from atelier.data.prepared.dataset import PreparedData
from atelier.pretrained.perceptual.asset import Perceptual


class _Handle(AbstractDataset[Any, Any]):
    """A file or folder that is handed on by its path."""

    def __init__(self, filepath: str) -> None:
        self._path = Path(filepath)

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._path)}

    def _exists(self) -> bool:
        return self._path.exists()


class PathDataset(_Handle):
    """A file or folder that its node writes itself, in place: checkpoints, shards. Loads as a path."""

    def load(self) -> Path:
        return self._path

    def save(self, data: Path) -> None:
        if Path(data) != self._path or not self._path.exists():
            raise ValueError(f"The node promised {self._path} and left {data}.")


class PreparedDataset(_Handle):
    """A prepared data set. Loads as a handle that reads on first use."""

    def load(self) -> PreparedData:
        return PreparedData(self._path)

    def save(self, data: PreparedData) -> None:
        if data.folder != self._path:
            raise ValueError(f"The node promised {self._path} and left {data.folder}.")


class PerceptualDataset(_Handle):
    """The perceptual network. Loads as a handle that reads on first use."""

    def load(self) -> Perceptual:
        return Perceptual(self._path)

    def save(self, data: Perceptual) -> None:
        if data.folder != self._path:
            raise ValueError(f"The node promised {self._path} and left {data.folder}.")


class StateDataset(_Handle):
    """A small JSON document; `None` where it has not been written yet."""

    def load(self) -> dict[str, Any] | None:
        return json.loads(self._path.read_text(encoding="utf-8")) if self._path.exists() else None

    def save(self, data: dict[str, Any]) -> None:
        if data != self.load():
            write_atomically(self._path, json.dumps(data, indent=2) + "\n")


class RegistryDataset(AbstractDataset[NoReturn, Any]):
    """The model registry behind a tracking address."""

    def __init__(self, tracking_uri: str) -> None:
        self._uri = tracking_uri

    def load(self) -> Any:
        from atelier.registry.models import Registry

        return Registry(self._uri)

    def save(self, data: NoReturn) -> NoReturn:  # noqa: ARG002
        raise ValueError("The registry is written by registering and promoting, not by the catalog.")

    def _describe(self) -> dict[str, Any]:
        return {"tracking_uri": self._uri}
