"""Versions of which something cannot be read: the run was deleted for good, or its files are not there at the moment.

`mlflow gc` deletes a run with its card and its results. The version that the run made stays in the registry. Files that
are absent while the run exists are no sign of that: a disk may not be mounted, or a folder was moved.
"""

from collections.abc import Collection
from typing import Any

from atelier.errors import AtelierError
from atelier.registry.version import Version

_NOT_FOUND = "RESOURCE_DOES_NOT_EXIST"
"""MLflow's code of this error."""


class MissingRunError(AtelierError):
    """What a version's run holds is needed, and the run no longer exists."""


class UnreadableArtifactsError(AtelierError):
    """What a version's run holds is needed, and the run exists, but a file of it was not found."""


def is_not_found(error: Exception) -> bool:
    """Whether an error of MLflow, or of the file system, says that something does not exist."""
    return isinstance(error, FileNotFoundError) or getattr(error, "error_code", "") == _NOT_FOUND


def active_run(client: Any, version: Version) -> Any:
    """The run that made a version; None when it no longer exists, or is marked as deleted, as before `mlflow gc`."""
    try:
        run = client.get_run(version.run_id)
    except Exception as error:
        if not is_not_found(error):
            raise
        return None
    return run if run.info.lifecycle_stage == "active" else None


def reason_not_found(
    client: Any, version: Version, uri: str, aliases: Collection[str], error: Exception
) -> AtelierError:
    """The error to raise when something that a version's run holds was not found.

    Parameters
    ----------
    uri
        Of MLflow.
    aliases
        Those of the version.
    error
        What MLflow or the file system raised.
    """
    run, found = active_run(client, version), getattr(error, "message", error)
    if run is not None:
        return UnreadableArtifactsError(
            f"Cannot read the artifacts of {version} at {run.info.artifact_uri} ({found}). Its run {version.run_id} "
            f"exists in {uri}: make the files available again, by mounting the disk or moving them back. If they are "
            "lost for good, delete the run in MLflow: the version then counts as lost."
        )
    return MissingRunError(
        f"{version} is registered, but its run {version.run_id}, or the card or a result in it, is no longer in {uri} "
        f"({found}). `mlflow gc` deletes runs for good. Other versions are as they were. {_advice(version, aliases)}"
    )


def _advice(version: Version, aliases: Collection[str]) -> str:
    if "champion" in aliases:  # then there is none, and the lifecycle registers its last training as challenger
        return f"For a new champion: kedro run --pipelines {version.family},promote, with the same --env"
    if aliases:
        return f"Remove its alias ({', '.join(aliases)}) in MLflow, under Models, or name other versions."
    return "Name other versions."
