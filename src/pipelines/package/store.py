"""Champions in the BentoML model store: each a folder with its ONNX files and `card.json`, the store's latest.

The store is the user's, shared by all projects and clones. Therefore a tag holds the start of the run id beside the
registry's number: `v3-1f0c2a9b`. A bento goes on serving the model it was built with, whoever packages beside it.

Whether something is to do is read from the store's files: importing BentoML for that would cost every run a second.
"""

import json
import os
import shutil
from pathlib import Path

from atelier.registry.models import Registry, Version


def bentoml_home() -> Path:
    """Where BentoML keeps models and bentos."""
    return Path(os.environ.get("BENTOML_HOME") or Path.home() / "bentoml")


class ModelStore:
    """The BentoML model store of this user, or of BENTOML_HOME."""

    def __init__(self) -> None:
        self.home = bentoml_home()

    def tag(self, version: Version) -> str:
        """The model's name and version in the store."""
        return f"{version.family}:{self._name(version)}"

    def bring(self, version: Version, registry: Registry) -> None:
        """Make this version the family's latest in the store.

        A version is made anew unless it is the latest and from the same run. BentoML names a version the latest once
        all of it is there, so what a killed copy left behind and what a rollback goes back to are made again.
        """
        if not self._is_latest(version):
            self._replace(version, registry)

    def _is_latest(self, version: Version) -> bool:
        models = self.home / "models" / version.family
        try:
            latest = (models / "latest").read_text(encoding="utf-8").strip()
            card = json.loads((models / latest / "card.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return bool(latest == self._name(version) and card["lineage"]["run_id"] == version.run_id)

    @staticmethod
    def _name(version: Version) -> str:
        return f"v{version.number}-{version.run_id[:8]}"

    def _replace(self, version: Version, registry: Registry) -> None:
        import bentoml

        card, files = registry.card(version), registry.onnx(version)
        shutil.rmtree(self.home / "models" / version.family / self._name(version), ignore_errors=True)
        labels = {"run_id": version.run_id, "family": version.family}
        with bentoml.models.create(self.tag(version), labels=labels) as model:
            for part, path in files.items():
                shutil.copyfile(path, model.path_of(f"{part}.onnx"))
            card.write(Path(model.path_of("card.json")))
