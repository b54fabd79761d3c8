"""Artifacts as local files. What has to be copied from a server is deleted again.

Local artifacts are used where they are. From a server, the files of a run are copied for the length of a block, and
each model once in a process; copies of models are deleted when the process ends. The folder of a process that was
killed is deleted by the next process that downloads something. So a process holds at most one copy of each model that
it uses, and what killed processes left does not add up.
"""

import atexit
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir, mkdtemp
from typing import Any

from atelier.registry.tracking.address import for_mlflow
from atelier.registry.tracking.processes import is_gone, this_process

PREFIX = "atelier-downloads-"
"""Of the folder of a process, in the folder for temporary files (TMPDIR)."""
_OWNER = "process"


@contextmanager
def run_artifact(client: Any, run_id: str, path: str) -> Iterator[Path]:
    """A file or folder of a run's artifacts. It can be read within the block."""
    from mlflow.utils.uri import append_to_uri_path

    # `client.download_artifacts` would copy local files too.
    artifact = append_to_uri_path(client.get_run(run_id).info.artifact_uri, path)
    with block_folder(artifact) as folder:
        yield _downloaded(artifact, client.tracking_uri, folder)


@contextmanager
def block_folder(artifacts: str) -> Iterator[str | None]:
    """A folder to download to, which is deleted after the block; None where the artifacts are local files.

    Parameters
    ----------
    artifacts
        Where MLflow keeps them: a path or an address.
    """
    if _are_local(artifacts):
        yield None
        return
    with TemporaryDirectory(dir=_process_folder()) as folder:
        yield folder


def model(artifacts: str, uri: str) -> Path:
    """The folder with the files of a model. Do not change it.

    Parameters
    ----------
    artifacts
        Where MLflow keeps the model.
    uri
        Of MLflow.
    """
    return _downloaded(artifacts, uri, None) if _are_local(artifacts) else _copy_of_model(artifacts, uri)


@cache
def _copy_of_model(artifacts: str, uri: str) -> Path:
    return _downloaded(artifacts, uri, mkdtemp(dir=_process_folder()))


def _downloaded(artifacts: str, uri: str, target: str | None) -> Path:
    from mlflow.artifacts import download_artifacts

    return Path(download_artifacts(artifact_uri=artifacts, tracking_uri=for_mlflow(uri), dst_path=target))


def _are_local(artifacts: str) -> bool:
    from mlflow.utils.uri import is_local_uri

    return bool(is_local_uri(artifacts, is_tracking_or_registry_uri=False))


@cache
def _process_folder() -> Path:
    """The folder of this process, which is deleted at its end."""
    for left in Path(gettempdir()).glob(f"{PREFIX}*"):
        if _owner_is_gone(left):
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(mkdtemp(prefix=PREFIX))
    (folder / _OWNER).write_text(this_process(), encoding="utf-8")
    atexit.register(_remove, folder, os.getpid())
    return folder


def _owner_is_gone(folder: Path) -> bool:
    try:
        return is_gone((folder / _OWNER).read_text(encoding="utf-8"))
    except OSError:  # of another user, or just being made
        return False


def _remove(folder: Path, process: int) -> None:
    if os.getpid() == process:  # not in a fork of it
        shutil.rmtree(folder, ignore_errors=True)
