"""The lineage of a result: commit, environment, data."""

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from atelier.data.prepared.dataset import Manifest
from atelier.model_card import Lineage

UNKNOWN_COMMIT = "unknown"


@cache
def git_state(folder: Path | None = None) -> tuple[str, bool]:
    """(commit, whether code or configuration differ from it).

    Changes of tracked files count, and new files in `src` and `conf`, which a run may have read. ("unknown", True)
    without git, and where the folder is not the root of a repository: a project that was unpacked inside another
    repository is not described by that one's commit.

    Parameters
    ----------
    folder
        The project; the working directory by default.
    """
    root = _git(folder, "rev-parse", "--show-toplevel")
    if root is None or Path(root).resolve() != (folder or Path.cwd()).resolve():
        return UNKNOWN_COMMIT, True
    commit = _git(folder, "rev-parse", "HEAD")
    changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
    new = _git(folder, "ls-files", "--others", "--exclude-standard", "--", "src", "conf")
    return commit or UNKNOWN_COMMIT, changed != "" or new != ""


@cache
def environment() -> str:
    """Every installed package as `name==version`, one per line, sorted: as `pip freeze`, without a process."""
    headers = (found.metadata for found in distributions())
    pins = {f"{header['Name']}=={header['Version']}" for header in headers if header["Name"]}
    return "\n".join(sorted(pins, key=str.lower)) + "\n"


def machine() -> dict[str, str]:
    """Python and hardware, as run tags."""
    return {
        "machine.python": platform.python_version(),
        "machine.platform": platform.platform(),
        "machine.cpu": _cpu_model(),
        "machine.cores": str(os.cpu_count()),
    }


def trace(
    run_id: str,
    experiment: str,
    manifests: Mapping[str, Manifest],
    judges: Mapping[str, str] | None = None,
    git: tuple[str, bool] | None = None,
) -> Lineage:
    """The lineage for the card of a model that this run made.

    Parameters
    ----------
    manifests
        Prepared data set → its manifest.
    judges
        Family → version number of its champion that the evaluation used.
    git
        `git_state` at the time of the training; by default that of now.
    """
    commit, dirty = git or git_state()
    return Lineage(
        run_id=run_id,
        experiment=experiment,
        git_commit=f"{commit}-dirty" if dirty and commit != UNKNOWN_COMMIT else commit,
        data={name: manifest.content_hash for name, manifest in manifests.items()},
        raw={name: manifest.raw_hash for name, manifest in manifests.items()},
        sources={name: manifest.source.kind for name, manifest in manifests.items()},
        licences={name: manifest.licence for name, manifest in manifests.items()},
        generated={role: version for manifest in manifests.values() for role, version in manifest.generated.items()},
        judges=dict(judges or {}),
        created=now(),
    )


def test_hash(items: Mapping[str, str], judges: Mapping[str, str], measured: Mapping[str, Any]) -> str:
    """One hash of everything but the model that test results depend on. With equal hashes, results are comparable.

    Parameters
    ----------
    items
        Hashes of what the evaluation reads: `<data set>.<split>` → hash of its content.
    judges
        Family → version number of its champion that the evaluation uses.
    measured
        The settings and the code of the evaluation.
    """
    return digest({**items, **{f"judge.{family}": version for family, version in judges.items()}, **measured})


def digest(content: Any) -> str:
    """SHA-256 of a value that can be written as JSON. The order of keys does not matter."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def now() -> str:
    """The current time, UTC, ISO 8601, in seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _git(folder: Path | None, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
