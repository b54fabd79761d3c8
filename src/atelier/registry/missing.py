"""Versions whose run was deleted for good.

`mlflow gc` deletes a run with its card and its results. The version that the run made stays in the registry.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from atelier.errors import AtelierError
from atelier.registry.version import Version

_NOT_FOUND = "RESOURCE_DOES_NOT_EXIST"
"""MLflow's code of this error."""


class MissingRunError(AtelierError):
    """What a version's run holds is needed, and the run no longer exists."""


def is_not_found(error: Exception) -> bool:
    """Whether an error of MLflow, or of the file system, says that something does not exist."""
    return isinstance(error, FileNotFoundError) or getattr(error, "error_code", "") == _NOT_FOUND


@contextmanager
def reading(version: Version, uri: str) -> Iterator[None]:
    """Within the block, what a version's run holds is read.

    Raises
    ------
    MissingRunError
        Instead of any error that says that something does not exist.
    """
    try:
        yield
    except MissingRunError:
        raise
    except Exception as error:
        if not is_not_found(error):
            raise
        raise MissingRunError(
            f"{version} is registered, but its run {version.run_id}, or the card or a result in it, is no longer in "
            f"{uri} ({getattr(error, 'message', error)}). `mlflow gc` deletes runs for good. Other versions are as "
            f"they were. For a new one instead: kedro run --pipelines {version.family},promote, with the same --env"
        ) from error
