"""The report on some versions of a family, written to files and logged to the run of the newest version."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from atelier.atomic_files import write_atomically
from atelier.errors import BadInputError
from atelier.registry.models import Registry
from atelier.registry.report.html import html
from atelier.registry.report.markdown import markdown
from atelier.registry.report.report import Report, default_versions, make_report
from atelier.registry.version import Version
from pipelines.lifecycle.families import family

ARTIFACTS = "comparison"
"""Folder of a run's artifacts with the reports."""


def compare(
    family_names: str | None,
    versions: str | int | None,
    parameters: dict[str, Any],
    registry: Registry,
    folder: Path,
) -> dict[str, list[int]]:
    """Write the report on versions of a family as `comparison.md` and `comparison.html`, and log both to MLflow.

    Parameters
    ----------
    family_names
        A family, or several with `+` between them (Kedro splits `--params` at commas). Several have in addition one
        common report in `folder`.
    versions
        Numbers of versions, such as `3+4`; None for champion, challenger and previous.
    folder
        Folder of all reports; those on a family are in its subfolder of the same name.

    Returns
    -------
    dict
        Family → the numbers of the versions that were compared.

    Raises
    ------
    BadInputError
        When there is no such family, or `versions` has no numbers.
    AtelierError
        When the registry has no such version, or the family has none at all.
    """
    names = (family_names or "").split("+")
    reports = [_report(name, versions, parameters, registry) for name in names]
    for report in reports:
        _log(registry, report, _write([report], folder / report.family))
    if len(reports) > 1:
        _write(reports, folder)
    return {report.family: [each.version.number for each in report.versions] for report in reports}


def _report(name: str, versions: str | int | None, parameters: dict[str, Any], registry: Registry) -> Report:
    settings = family(name).settings(parameters[name])
    return make_report(registry, list(_versions(registry, name, versions)), settings.gate)


def _versions(registry: Registry, name: str, versions: str | int | None) -> Iterable[Version]:
    if versions is None:
        return default_versions(registry, name)
    if not re.fullmatch(r"v?\d+([-+,\s]+v?\d+)*", str(versions)):
        raise BadInputError(
            f"versions={versions} is no number or list of numbers. Give them as in --params family={name},versions=3+4"
        )
    numbers = dict.fromkeys(int(number) for number in re.findall(r"\d+", str(versions)))
    return [registry.version(name, number) for number in numbers]


def _write(reports: Sequence[Report], folder: Path) -> list[Path]:
    """Write one document on all reports; returns the Markdown file and the HTML file."""
    blocks = [block for report in reports for block in report.blocks()]
    title = "; ".join(report.title for report in reports)
    contents = {"comparison.md": markdown(blocks), "comparison.html": html(blocks, title)}
    for file, content in contents.items():
        write_atomically(folder / file, content)
    return [folder / file for file in contents]


def _log(registry: Registry, report: Report, files: Sequence[Path]) -> None:
    for path in files:
        registry.client.log_artifact(report.subject.version.run_id, str(path), ARTIFACTS)
    Console().print(f"{report.title}.\nReport: {files[-1]}, and in MLflow as {ARTIFACTS}/{files[-1].name} of the run.")
