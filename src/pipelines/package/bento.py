"""The bento: the service's code together with its champions. Its version is a hash of both."""

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml


class Bento:
    """The bento of today's code and champions. It may not have been built yet.

    Parameters
    ----------
    project
        The folder with `bentofile.yaml`.
    name
        Name of the bento.
    home
        BentoML's folder, from `bentoml_home`.
    models
        Family → (tag of its model in the store, id of the run that made it).
    """

    def __init__(self, project: Path, name: str, home: Path, models: Mapping[str, tuple[str, str]]) -> None:
        self._project = project
        self._name = name
        self._folder = home / "bentos" / name
        self._models = models
        self._options: dict[str, Any] = yaml.safe_load((project / "bentofile.yaml").read_text(encoding="utf-8"))

    @cached_property
    def version(self) -> str:
        """Hash of the code, the build options and the models, 16 hexadecimal digits."""
        digest = hashlib.sha256(repr(sorted(self._models.items())).encode())
        for path in [self._project / "bentofile.yaml", *self._sources()]:
            content = path.read_bytes()
            digest.update(f"{path.relative_to(self._project).as_posix()} {len(content)}\n".encode() + content)
        return digest.hexdigest()[:16]

    @property
    def tag(self) -> str:
        return f"{self._name}:{self.version}"

    @property
    def current(self) -> bool:
        """True when it is built and the latest. BentoML marks a bento as the latest when it is complete."""
        latest = self._folder / "latest"
        return (
            latest.exists()
            and latest.read_text(encoding="utf-8").strip() == self.version
            and (self._folder / self.version / "bento.yaml").exists()
        )

    def build(self) -> None:
        """Build it and make it the latest. A bento of this version that is not the latest is built again."""
        import bentoml

        shutil.rmtree(self._folder / self.version, ignore_errors=True)
        # With the alias, the service finds a family's model by name and gets this version, not the store's latest.
        models = [{"tag": tag, "alias": family} for family, (tag, _) in self._models.items()]
        # BentoML visits every file in the folder that it builds from: with .venv and data that takes many seconds.
        with TemporaryDirectory() as folder:
            for path in self._sources():
                copy = Path(folder, path.relative_to(self._project))
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copy)
            bentoml.build(**self._options, name=self._name, models=models, version=self.version, build_ctx=folder)

    def _sources(self) -> Iterator[Path]:
        found = {path for pattern in self._options["include"] for path in self._project.glob(pattern)}
        return (path for path in sorted(found) if path.is_file() and "__pycache__" not in path.parts)
