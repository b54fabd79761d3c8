"""DVC's stages: which are stale, and running them."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from atelier.atomic_files import write_atomically
from atelier.errors import AtelierError
from pipelines.lifecycle.families import FAMILIES
from pipelines.retrain.processes import Commands, stage_filter

_ENVIRONMENT = re.compile(r"^( *- env: )(\S+)", re.MULTILINE)
ALWAYS = ("fetch", "pretrained", "keys")
"""Stages that DVC always runs. They look whether a source, a parameter or code has changed."""


class Stages:
    """The stages of `dvc.yaml`."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands
        self._file = commands.project / "dvc.yaml"

    def set_environment(self, name: str) -> None:
        """Write the environment into `dvc.yaml`, which is for one at a time, as `dvc.lock` is."""
        text = self._file.read_text(encoding="utf-8")
        changed = _ENVIRONMENT.sub(rf"\g<1>{name}", text, count=1)
        if changed != text:
            write_atomically(self._file, changed)

    def has_remote(self) -> bool:
        """Whether DVC has a default remote."""
        return bool(self._commands.attempt("dvc", "config", "core.remote")[0].strip())

    def pull(self, families: Sequence[str]) -> None:
        """Get the missing outputs of these families' stages from the remote. What it does not have is made again later.

        What lies in the data folder is left as it is.
        """
        reasons = self._reasons(families)
        missing = [stage for stage, found in reasons.items() if "deleted" in json.dumps(found)]
        if missing:
            self._commands.run("dvc", "pull", "--allow-missing", *missing)

    def push(self) -> None:
        """Give the remote what `dvc.lock` names."""
        self._commands.run("dvc", "push")

    def stale(self, families: Sequence[str]) -> list[str]:
        """The stages that would change something, of those that lead to these families."""
        return [stage for stage, found in self._reasons(families).items() if found != ["always changed"]]

    def reproduce(self, families: Sequence[str]) -> None:
        """Run what is stale. When one family fails, the others are still made.

        Raises
        ------
        AtelierError
            When a stage failed.
        """
        names = [stage_of(name) for name in families]
        self._commands.run("dvc", "repro", "--keep-going", *names, show=stage_filter(ALWAYS))

    def repeat(self, family: str) -> None:
        """Run the stage of a family although nothing has changed. A finished training is only registered again."""
        name = stage_of(family)
        self._commands.run("dvc", "repro", "--force", "--single-item", name, show=stage_filter(ALWAYS))

    def _reasons(self, families: Sequence[str]) -> dict[str, Any]:
        """Stage → why DVC would run it."""
        names = [stage_of(name) for name in families]
        printed = self._commands.run("dvc", "status", "--json", "--with-deps", *names)
        # DVC may warn before it, such as that another process of it was killed.
        found = next((line for line in printed.splitlines() if line.startswith("{")), None)
        if found is None:
            raise AtelierError(f"dvc status has printed no JSON. What it printed is in {self._commands.log}")
        return dict(json.loads(found))


def environment(project: Path) -> str:
    """The environment that `dvc.yaml` is set to."""
    found = _ENVIRONMENT.search((project / "dvc.yaml").read_text(encoding="utf-8"))
    if found is None:
        raise AtelierError("dvc.yaml names no environment. Add one as the first of its vars: - env: base")
    return found[2]


def stage_of(family: str) -> str:
    """The stage that makes the model of a family."""
    return f"{'judged' if FAMILIES[family].judges else 'lifecycle'}@{family}"
