"""The table at the end of a run: champions, their test results, the last verdicts, and what to do next."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from atelier.registry.gate.intervals import with_interval
from atelier.registry.models import Registry
from atelier.registry.status import FamilyStatus, status

if TYPE_CHECKING:
    from rich.table import Table


def summary(registry: Registry, primary: Mapping[str, str]) -> "Table":
    """A table with one row for each family.

    Parameters
    ----------
    primary
        Family → the primary metric of its gate.
    """
    from rich.table import Table

    table = Table(title="Champions", caption=_next_steps(registry.uri), caption_justify="left")
    for heading in ("model", "version", "test metric (95 %)", "last verdict", "run"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("model", "version", "run"))
    for family, metric in primary.items():
        table.add_row(*_row(status(registry, family), metric))
    return table


def _row(found: FamilyStatus, metric: str) -> tuple[str, ...]:
    verdict = found.verdict.short() if found.verdict else "no verdict yet"
    if found.champion is None:
        return found.family, "none", "", verdict, ""
    value = with_interval(found.metrics.get(metric)) or "not measured"
    return found.family, f"v{found.champion.number}", f"{metric} {value}", verdict, found.champion.run_id[:8]


def _next_steps(uri: str) -> str:
    compare = uri if uri.startswith("http") else f"mlflow ui --backend-store-uri {uri} --workers 1   (make ui)"
    return f"compare runs:  {compare}\ntry the model: bentoml serve   (make serve)"
