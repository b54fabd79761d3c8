"""Champions in the BentoML model store.

Each is a folder with its ONNX files, `card.json` and `history.json`, and the latest version.

All projects and clones of a user share one store. Therefore a tag has the beginning of the run id behind the registry's
version number: `v3-1f0c2a9b`. A bento keeps the model that it was built with, whatever other projects package.

Whether a model is up to date is read from the store's files: importing BentoML for that would take a second in every
run.
"""

import hashlib
import json
import os
import shutil
from pathlib import Path

from atelier.atomic_files import write_atomically
from atelier.champion_history import FILE, History
from atelier.errors import BadInputError
from atelier.model_card import ModelCard
from atelier.registry.models import Registry
from atelier.registry.version import FILES, Version


def bentoml_home() -> Path:
    """The folder where BentoML keeps models and bentos.

    Raises
    ------
    BadInputError
        When BENTOML_HOME begins with `~`, which BentoML takes as the name of a folder.
    """
    home = Path(os.environ.get("BENTOML_HOME") or Path.home() / "bentoml")
    if home.parts[:1] and home.parts[0].startswith("~"):
        raise BadInputError(
            f"BentoML does not replace ~ by the home folder: set BENTOML_HOME={home.expanduser()} instead of {home}."
        )
    return home


class ModelStore:
    """The BentoML model store of this user, or in BENTOML_HOME.

    Models have the same names as in the registry.
    """

    def __init__(self, registry: Registry) -> None:
        self.home = bentoml_home()
        self._registry = registry

    def tag(self, version: Version) -> str:
        """The model's name and version in the store."""
        return f"{self._registry.name(version.family)}:{self._number(version)}"

    def update(self, version: Version) -> None:
        """Make this version the family's latest in the store.

        Only the latest version is known to be complete, because BentoML marks a version as the latest when all of it
        is copied. Any other version is copied again: a killed process may have left it incomplete. So is one whose
        files are not those of the registry: a disk or a person may have damaged them.
        """
        if not (self._is_latest(version) and self._is_whole(version)):
            self._replace(version)

    def write_history(self, version: Version, history: History) -> None:
        """Write the history of the family's champions beside the card of this version. It changes without the model."""
        target = self._folder(version.family) / self._number(version) / FILE
        text = history.model_dump_json(indent=2) + "\n"
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            write_atomically(target, text)

    def _is_latest(self, version: Version) -> bool:
        latest = self._folder(version.family) / "latest"
        return latest.exists() and latest.read_text(encoding="utf-8").strip() == self._number(version)

    def _is_whole(self, version: Version) -> bool:
        """Whether card and ONNX files have the content that they have in the registry."""
        folder = self._folder(version.family) / self._number(version)
        try:
            # As text, because a metric that could not be computed is NaN, which equals nothing.
            cards = ModelCard.read(folder / "card.json"), self._registry.card(version)
            if cards[0].model_dump_json() != cards[1].model_dump_json():
                return False
            return all(_sha256(folder / f"{part}.onnx") == known for part, known in self._hashes(version).items())
        except (OSError, ValueError):
            return False

    def _hashes(self, version: Version) -> dict[str, str]:
        """Part → SHA-256 of its ONNX file. Versions from before hashes were registered are fetched for it."""
        if FILES in version.tags:
            return dict(json.loads(version.tags[FILES]))
        return {part: _sha256(path) for part, path in self._registry.onnx(version).items()}

    def _folder(self, family: str) -> Path:
        return self.home / "models" / self._registry.name(family)

    @staticmethod
    def _number(version: Version) -> str:
        return f"v{version.number}-{version.run_id[:8]}"

    def _replace(self, version: Version) -> None:
        import bentoml

        card, files = self._registry.card(version), self._registry.onnx(version)
        shutil.rmtree(self._folder(version.family) / self._number(version), ignore_errors=True)
        labels = {"run_id": version.run_id, "family": version.family}
        with bentoml.models.create(self.tag(version), labels=labels) as model:
            for part, path in files.items():
                shutil.copyfile(path, model.path_of(f"{part}.onnx"))
            card.write(Path(model.path_of("card.json")))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
