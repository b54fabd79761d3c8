"""What Atelier uses of DVC: the hash of a folder, and pulling a tracked folder that is missing."""

import configparser
import hashlib
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import yaml

from atelier.atomic_files import digest

log = logging.getLogger(__name__)


def dvc_hash(folder: Path) -> str:
    """The hash that DVC 3 records for a folder in `dvc.lock`, such as `d41d8cd98f00b204e9800998ecf8427e.dir`.

    It is the MD5 of a JSON list of every file's MD5 and relative path, in the order of the paths.
    """
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    listing = [{"md5": digest(folder / name, "md5"), "relpath": name} for name in names]
    return hashlib.md5(json.dumps(listing, sort_keys=True).encode(), usedforsecurity=False).hexdigest() + ".dir"


def pull_if_absent(folder: Path, project: Path = Path()) -> bool:
    """Pull a folder from the DVC remote where it is missing, tracked, and a remote is configured.

    Parameters
    ----------
    folder
        A folder below `project`.
    project
        The folder that holds `dvc.lock` and `.dvc`.

    Returns
    -------
    Whether the folder exists now. A failed pull is logged, not raised: the folder can still be fetched from its source.
    """
    if folder.exists():
        return True
    folder = Path(os.path.relpath(folder, project))  # DVC's paths are relative to the project
    if not (_is_tracked(folder, project) and _has_remote(project)):
        return False
    command = [sys.executable, "-m", "dvc", "pull", folder.as_posix()]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    if done.returncode:
        log.warning("dvc pull %s failed, so it is fetched from its source: %s", folder, done.stderr.strip()[-300:])
    return done.returncode == 0 and (project / folder).exists()


def _is_tracked(folder: Path, project: Path) -> bool:
    lock = project / "dvc.lock"
    stages = (yaml.safe_load(lock.read_text(encoding="utf-8")) or {}).get("stages", {}) if lock.exists() else {}
    locked = {out["path"] for stage in stages.values() for out in stage.get("outs", [])}
    return folder.as_posix() in locked or (project / folder).with_name(folder.name + ".dvc").exists()


def _has_remote(project: Path) -> bool:
    config = configparser.ConfigParser()
    config.read([project / ".dvc" / "config", project / ".dvc" / "config.local"], encoding="utf-8")
    return any("remote" in section for section in config.sections())
