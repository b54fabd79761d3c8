"""The registry of models: versions with their contents, and the aliases `champion`, `challenger` and `previous`.

The run that made a version has the artifact `card.json`, without the version's number, which is added on reading, and
its results, see `tracking.evaluations`.

Each part of the model is an ONNX file in an MLflow logged model of its own. The ids of these, the verdict and the
predecessor are tags of the version.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from atelier.errors import AtelierError
from atelier.evaluation.results import Evaluation
from atelier.model_card import MODEL, ModelCard
from atelier.registry.missing import MissingRunError, active_run, is_not_found, reason_not_found
from atelier.registry.tracking import backend, downloads, evaluations
from atelier.registry.tracking.address import login
from atelier.registry.version import PARTS, Version, with_todays_names

Alias = Literal["champion", "challenger", "previous"]


class Registry:
    """The model registry at a tracking URI. Creating one is cheap: MLflow is loaded on first use.

    Parameters
    ----------
    uri
        Tracking URI, such as `sqlite:///mlflow.db` or `http://mlflow.example:5000`. A login in it is passed to MLflow,
        and is not in the attribute `uri`.
    client
        An `MlflowClient` to use instead of one for `uri`.
    prefix
        Beginning of the names of registered models and experiments. It keeps the models of an environment, such as
        those of the tests, apart from all others at the same tracking URI.
    """

    def __init__(self, uri: str, client: Any = None, prefix: str = "") -> None:
        self.uri = login(uri)
        self.prefix = prefix
        if client is not None:
            self.client = client

    @cached_property
    def client(self) -> Any:
        return backend.connect(self.uri)

    def name(self, family: str) -> str:
        """The name under which the versions of a family are registered."""
        return f"{self.prefix}{family}"

    def experiment(self, family: str) -> str:
        """The name of the experiment with the runs of a family."""
        return f"atelier/{self.name(family)}"

    def check(self, family: str) -> None:
        """Raise now if nothing could be logged to the experiment of a family.

        Raises
        ------
        AtelierError
            When no server answers at `uri`, it refuses the login, or the experiment was deleted.
        """
        backend.check(self.uri, self.experiment(family))

    def get(self, family: str, alias: Alias) -> Version | None:
        """The version that has this alias, or None."""
        number = self.aliases(family).get(alias)
        return None if number is None else self.version(family, number)

    def aliases(self, family: str) -> dict[str, int]:
        """Alias → version number; empty for a family without versions."""
        model = self._model(family)
        return {alias: int(number) for alias, number in model.aliases.items()} if model else {}

    def family_tags(self, family: str) -> dict[str, str]:
        """The tags of the family as a whole."""
        model = self._model(family)
        return with_todays_names(model.tags) if model else {}

    def version(self, family: str, number: int) -> Version:
        """The version with this number.

        Raises
        ------
        AtelierError
            When the registry has no such version; the message names those that it has.
        """
        try:
            found = self.client.get_model_version(self.name(family), str(number))
        except Exception as error:
            if not is_not_found(error):
                raise
            known = ", ".join(f"v{version.number}" for version in reversed(self.history(family))) or "none"
            raise AtelierError(
                f"{self.name(family)} has no version {number} in {self.uri}. Versions that it has: {known}."
            ) from error
        return Version(family=family, number=number, run_id=found.run_id, tags=found.tags)

    def history(self, family: str) -> list[Version]:
        """Every version of the family, newest first."""
        versions = [
            Version(family=family, number=int(found.version), run_id=found.run_id, tags=found.tags)
            for found in self._pages(self.client.search_model_versions, f"name = '{self.name(family)}'")
        ]
        return sorted(versions, key=lambda version: -version.number)

    def card(self, version: Version) -> ModelCard:
        """The version's card, with its number filled in.

        Raises
        ------
        MissingRunError
            When its run no longer exists; as `onnx` and `evaluation`.
        UnreadableArtifactsError
            When its run exists, but the file is not there; as `onnx` and `evaluation`.
        """
        with self.reading(version), downloads.run_artifact(self.client, version.run_id, "card.json") as path:
            card = ModelCard.read(path)
        return card.model_copy(update={"version": str(version.number)})

    def onnx(self, version: Version) -> dict[str, Path]:
        """Part → a local copy of its ONNX file, until this process ends.

        Where artifacts are local it is the file itself: do not change it.
        """
        with self.reading(version):
            folders = self._folders(version)
            return {part: downloads.model(folder, self.uri) / "model.onnx" for part, folder in folders.items()}

    def is_complete(self, version: Version) -> bool:
        """Whether the version's run and card still exist. `mlflow gc` deletes them, but not the version.

        Raises
        ------
        UnreadableArtifactsError
            When the run exists, but its card is not there.
        """
        try:
            self.card(version)
        except MissingRunError:
            return False
        return True

    @contextmanager
    def reading(self, version: Version) -> Iterator[None]:
        """Within the block, what a version's run holds is read. The errors are those of `card`."""
        try:
            yield
        except Exception as error:
            if not is_not_found(error):
                raise
            aliases = [alias for alias, number in self.aliases(version.family).items() if number == version.number]
            raise reason_not_found(self.client, version, self.uri, aliases, error) from error

    def evaluation(self, version: Version, test_hash: str) -> Evaluation | None:
        """The version's results on the test items with this hash, without tables; None when it was not evaluated."""
        with self.reading(version):
            return evaluations.read(self.client, version.run_id, test_hash)

    def store_evaluation(self, run_id: str, test_hash: str, evaluation: Evaluation) -> None:
        """Store results with a version's run. The metrics are written last: without them, the rest is ignored."""
        evaluations.write(self.client, run_id, test_hash, evaluation)

    def store_images(self, run_id: str, folder: str, images: Mapping[str, bytes]) -> None:
        """Store images, file name → PNG bytes, in a folder of a run's artifacts."""
        evaluations.write_images(self.client, run_id, folder, images)

    def set_alias(self, version: Version, alias: Alias) -> None:
        """Give this version an alias. If another version has it, it moves in one step."""
        self.client.set_registered_model_alias(self.name(version.family), alias, str(version.number))

    def remove_alias(self, family: str, alias: Alias) -> None:
        self.client.delete_registered_model_alias(self.name(family), alias)

    def set_tag(self, version: Version, key: str, value: str) -> None:
        self.client.set_model_version_tag(self.name(version.family), str(version.number), key, value)

    def set_family_tag(self, family: str, key: str, value: str | None) -> None:
        """Set a tag of the family as a whole, or remove it (None)."""
        if value is None:
            self.client.delete_registered_model_tag(self.name(family), key)
        else:
            self.client.set_registered_model_tag(self.name(family), key, value)

    def describe(self, version: Version, text: str) -> None:
        """Set the text on the version's page in MLflow (Markdown)."""
        self.client.update_model_version(self.name(version.family), str(version.number), text)

    def name_run(self, version: Version, name: str) -> None:
        """Set the name of the run that made a version, which the table of runs shows; it writes only what differs.

        Nothing is done for a run that was deleted.
        """
        run = active_run(self.client, version)
        if run is not None and run.info.run_name != name:
            self.client.set_tag(version.run_id, "mlflow.runName", name)

    def describe_run(self, version: Version, text: str) -> None:
        """Set the text on the page of the run that made a version (Markdown)."""
        self.client.set_tag(version.run_id, "mlflow.note.content", text)

    def _folders(self, version: Version) -> dict[str, str]:
        """Part → address of the logged model that holds it."""
        if PARTS in version.tags:
            logged = json.loads(version.tags[PARTS])
            return {part: self.client.get_logged_model(model_id).artifact_location for part, model_id in logged.items()}
        # Registered before there were models with several parts.
        return {MODEL: self.client.get_model_version_download_uri(self.name(version.family), str(version.number))}

    def _model(self, family: str) -> Any:
        return next(iter(self.client.search_registered_models(f"name = '{self.name(family)}'")), None)

    @staticmethod
    def _pages(search: Any, query: str) -> Iterator[Any]:
        page = search(query)
        yield from page
        while page.token:
            page = search(query, page_token=page.token)
            yield from page
