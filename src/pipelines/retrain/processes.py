"""Commands that retraining runs, and the file that holds what they print."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from atelier.errors import AtelierError

Filter = Callable[[str], bool]
"""Whether a line is printed, besides being written to the log."""
_LAST_LINES = 15


def _nothing(line: str) -> bool:  # noqa: ARG001
    return False


class Commands:
    """Runs commands of the tools in the project's folder, with what they print in a log file.

    Parameters
    ----------
    project
        The folder with `dvc.yaml`.
    log
        A new file; one of an earlier run is replaced.
    """

    def __init__(self, project: Path, log: Path) -> None:
        self.project = project
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("", encoding="utf-8")

    def run(self, tool: str, *arguments: str, show: Filter = _nothing) -> str:
        """Run `python -m tool` and return what it printed.

        Raises
        ------
        AtelierError
            When it fails; the message has the end of what it printed.
        """
        text, code = self.attempt(tool, *arguments, show=show)
        if code:
            end = "\n".join(text.rstrip().splitlines()[-_LAST_LINES:])
            raise AtelierError(f"{tool} {' '.join(arguments)} ended with {code}:\n{end}\nAll of it is in {self.log}")
        return text

    def attempt(self, tool: str, *arguments: str, show: Filter = _nothing) -> tuple[str, int]:
        """The same without an error: what it printed, and its exit status."""
        command = [sys.executable, "-m", tool, *arguments]
        # The stages of DVC call `kedro`: that of this Python comes first.
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        environment = {**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
        lines = []
        with (
            self.log.open("a", encoding="utf-8") as log,
            subprocess.Popen(
                command,
                cwd=self.project,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
            ) as process,
        ):
            log.write(f"$ {tool} {' '.join(arguments)}\n")
            assert process.stdout is not None
            for line in process.stdout:
                lines.append(line)
                log.write(line)
                log.flush()
                if show(line):
                    print(line, end="", flush=True)
        return "".join(lines), process.returncode


def stage_filter(hidden: Sequence[str]) -> Filter:
    """Shows what DVC's stages print, but for the stages whose names start with one of `hidden`."""
    shown = False

    def show(line: str) -> bool:
        nonlocal shown
        if line.startswith("Running stage '"):
            shown = not line.removeprefix("Running stage '").startswith(tuple(hidden))
        elif line.startswith("Stage '"):
            shown = False
        return shown

    return show
