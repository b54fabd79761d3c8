"""Worker processes that are shell scripts, which start in milliseconds."""

import subprocess
from types import ModuleType
from typing import Any

import pytest

from pipelines.processes import pool


def run_as_shell_scripts(monkeypatch: pytest.MonkeyPatch, script: str, module: ModuleType = pool) -> None:
    """Replace the command of each worker that a module starts by a script, which finds it in its arguments.

    `$3` is the process id of the parent, `$4` the function that the worker would call, `$5` its first argument.
    """

    def start_script(command: list[str], **options: Any) -> Any:
        return subprocess.Popen(["/bin/sh", "-c", script, *command], **options)

    monkeypatch.setattr(module, "Popen", start_script)
    monkeypatch.setattr(pool, "_POLL_S", 0.01)
