"""Create a family as a copy of the smallest one: `make family NAME=my_family`."""

import keyword
import re
import subprocess
import sys
from pathlib import Path

TEMPLATE = Path(__file__).parent / "nearest_mean"
PROJECT = Path(__file__).parents[2]
OTHER_ENVIRONMENTS = {
    "test": "\n  gate:\n    budgets: {latency_p95_ms: 60000.0}   # tests may run on a busy machine",
    "small": " {}",
    "full": " {}",
}
"""Environment → what differs from the base there."""

KEYS_STAGE = """\
  keys_{name}:
    cmd: kedro run --env ${{env}} --pipelines keys --nodes keys.{name}
    always_changed: true
    deps:
      - data/${{env}}/prepared/quickdraw
    outs:
      - data/${{env}}/keys/{name}.json:
          persist: true
"""
"""DVC's stage that writes what determines the model. The smallest family reads the drawings only."""
SHOWN_BY_DVC = {
    "params": ("conf/base/parameters_{name}.yml", "conf/${{env}}/parameters_{name}.yml"),
    "metrics": ("data/${{env}}/models/{name}/metrics.json",),
    "plots": ("data/${{env}}/models/{name}/evaluation/pictures",),
}
"""List in dvc.yaml → the files of a family in it."""


def start_family(name: str, project: Path = PROJECT) -> list[Path]:
    """Copy the smallest family with another name, and add it to the lists. Returns the files that were written.

    Raises
    ------
    SystemExit
        When the name is not a valid module name, or there is a family with this name.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        sys.exit(
            f"error: {name!r} cannot be the name of a family. Use lower-case letters, digits and underscores, and no "
            "keyword of Python."
        )
    folder = project / "src/pipelines/families" / name
    if folder.exists():
        sys.exit(f"error: There is a family {name} already: {folder}")
    folder.mkdir(parents=True)
    written = [_write(folder / path.name, _renamed(path, name)) for path in sorted(TEMPLATE.glob("*.py"))]
    parameters = project / "conf/base" / f"parameters_{name}.yml"
    written.append(_write(parameters, _renamed(TEMPLATE / "parameters.yml", name)))
    for environment, differs in OTHER_ENVIRONMENTS.items():
        text = f"# What differs from conf/base in the environment {environment}.\n{name}:{differs}\n"
        written.append(_write(project / "conf" / environment / f"parameters_{name}.yml", text))
    entry = f'    "{name}": Family("pipelines.families.{name}"),\n}}\n'
    written.append(_replace(project / "src/pipelines/lifecycle/families.py", r"^\}\n", entry))
    written.append(_replace(project / "dvc.yaml", r"(?<=families: \[)", f"{name}, "))
    _replace(project / "dvc.yaml", r"(?=^\n  lifecycle:)", KEYS_STAGE.format(name=name))
    for heading, files in SHOWN_BY_DVC.items():
        lines = "".join(f"  - {file.format(name=name)}\n" for file in files)
        _replace(project / "dvc.yaml", f"(?<=^{heading}:\n)", lines)
    _format([path for path in written if path.suffix == ".py"])
    return written


def _renamed(path: Path, name: str) -> str:
    camel = "".join(part.capitalize() for part in name.split("_"))
    text = path.read_text(encoding="utf-8").replace("tests.families.nearest_mean", f"pipelines.families.{name}")
    return text.replace("nearest_mean", name).replace("NearestMean", camel)


def _format(files: list[Path]) -> None:
    """Sort imports and break lines: both depend on the length of the name."""
    for command in (("check", "--fix", "--select", "I"), ("format",)):
        subprocess.run([sys.executable, "-m", "ruff", *command, "--quiet", *map(str, files)], check=True)


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def _replace(path: Path, pattern: str, replacement: str) -> Path:
    text, count = re.subn(pattern, replacement, path.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
    assert count == 1, f"{path} does not have the expected format"
    return _write(path, text)


if __name__ == "__main__":
    for file in start_family(*sys.argv[1:]):
        print(file.relative_to(PROJECT))
