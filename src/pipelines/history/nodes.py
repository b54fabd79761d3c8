"""The history of a family's champion, as a table and as a file."""

import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from atelier.atomic_files import write_atomically
from atelier.champion_history import History
from atelier.registry.exclusive import exclusive
from atelier.registry.models import Registry
from atelier.registry.promotion import finish_pending
from atelier.registry.status import status
from pipelines.lifecycle.families import family


def show_history(name: str | None, at: str | None, registry: Registry, reports: Path) -> None:
    """Print who was champion when and why, and write it to `<reports>/<family>/history.json`.

    A promotion that was killed is completed first, and a change that a person made in MLflow is noted.

    Parameters
    ----------
    name
        The family.
    at
        Print only who was champion at this time: ISO 8601, UTC when it names no time zone.

    Raises
    ------
    BadInputError
        When there is no such family, or `at` is not a time that has passed.
    """
    family(name)
    found = status(registry, str(name))
    if found.pending:
        with exclusive(registry, found.family):
            finish_pending(registry, found.family)
        found = status(registry, found.family)
    target = reports / found.family / "history.json"
    write_atomically(target, json.dumps(found.history.as_json(), indent=2) + "\n")
    console = Console(soft_wrap=True, highlight=False)
    if at is not None:
        console.print(found.history.answer(str(at)), markup=False)
        return
    console.print(_table(found.history) if found.history.periods() else f"{name} has had no champion yet.")
    console.print(
        f"Written to {target}. Who was champion at a time: add at=2026-11-20T12:00 to --params.", markup=False
    )


def _table(history: History) -> Table:
    table = Table(title=f"Champions of {history.family}", caption="Times are UTC.", caption_justify="left")
    for heading in ("version", "from", "until", "why"):
        table.add_column(heading, no_wrap=heading != "why")
    for period in history.periods():
        why = "; ".join(filter(None, (period.began, period.ended)))
        table.add_row(f"v{period.version}", _minute(period.since) or "unknown", _until(period.until), why)
    return table


def _until(time: str | None) -> str:
    return "today" if time is None else _minute(time) or "unknown"


def _minute(time: str) -> str:
    """`2026-11-20T12:00:31+00:00` → `2026-11-20 12:00`."""
    return time[:16].replace("T", " ")
