"""Rollback: the alias `champion` moves back. A kill at any point leaves exactly one champion.

As in a promotion, one write is decisive, the move of the alias:

    pending rollback, **champion**, record, previous, pending rollback removed

The pending rollback is a tag of the family. It tells an interrupted rollback, which calling the function again
completes, from a new one, which goes back one more champion.
"""

from typing import TYPE_CHECKING

from atelier.errors import AtelierError
from atelier.model_card import Metric
from atelier.registry.exclusive import exclusive
from atelier.registry.gate.tables import with_interval
from atelier.registry.models import Registry, Version, predecessor
from atelier.registry.promotion import finish_pending
from atelier.registry.status import ROLLBACK
from atelier.registry.tracking import lineage
from atelier.settings import Settings

if TYPE_CHECKING:
    from rich.table import Table


class Rollback(Settings):
    """The record of a rollback."""

    family: str
    left: str
    """Version number of the former champion."""
    champion: str
    """Version number of the new champion, which was champion before."""
    before: dict[str, Metric]
    after: dict[str, Metric]
    """Test metrics of the two versions, from their cards."""
    at: str
    """Date and time, UTC, ISO 8601."""

    def table(self) -> "Table":
        """One row for each metric."""
        from rich.table import Table

        table = Table(title=f"{self.family}: back from v{self.left} to v{self.champion}")
        for heading in ("metric (95 %)", f"v{self.left}", f"v{self.champion}, champion"):
            table.add_column(heading)
        for name in sorted({*self.before, *self.after}):
            table.add_row(name, with_interval(self.before.get(name)), with_interval(self.after.get(name)))
        return table


def roll_back(registry: Registry, family: str) -> Rollback:
    """Make the champion's predecessor champion again. A rollback that was killed is completed instead.

    Raises
    ------
    AtelierError
        When there is no champion, it has no predecessor, an ONNX file of the predecessor is missing, or another process
        is promoting or rolling back the family.
    """
    with exclusive(registry, family):
        return _roll_back(registry, family)


def _roll_back(registry: Registry, family: str) -> Rollback:
    champion = registry.get(family, "champion")
    if champion is None:
        raise AtelierError(
            f"{family} has no champion yet. Train and promote one: kedro run --pipelines {family},promote, "
            "with the same --env"
        )
    left, target = _pending_rollback(registry, family)
    if champion.number != target:
        left, target = champion.number, _rollback_target(registry, champion)
        finish_pending(registry, family)
        registry.set_family_tag(family, ROLLBACK, f"{left}:{target}")
        registry.set_alias(registry.version(family, target), "champion")
    record = _store_rollback(registry, family, left, target)
    finish_pending(registry, family)
    return record


def _pending_rollback(registry: Registry, family: str) -> tuple[int, int | None]:
    """(former champion, new champion) of a rollback that was begun and not completed; (0, None) without one."""
    left, separator, target = registry.family_tags(family).get(ROLLBACK, "").partition(":")
    return (int(left), int(target)) if separator else (0, None)


def _rollback_target(registry: Registry, champion: Version) -> int:
    """The champion's predecessor, after a check that its files exist."""
    before = predecessor(champion)
    if before is None:
        raise AtelierError(
            f"{champion} has no predecessor, so there is nothing to go back to. To replace it, train another and "
            f"let the gate decide: kedro run --pipelines {champion.family},promote, with the same --env"
        )
    version = registry.version(champion.family, before)
    if not registry.is_complete(version) or not all(path.exists() for path in registry.onnx(version).values()):
        raise AtelierError(f"{version} has lost its card or its ONNX file, so {champion} stays champion.")
    return before


def _store_rollback(registry: Registry, family: str, left: int, target: int) -> Rollback:
    versions = [registry.version(family, number) for number in (left, target)]
    before, after = (dict(registry.card(version).metrics) for version in versions)
    record = Rollback(family=family, left=str(left), champion=str(target), before=before, after=after, at=lineage.now())
    registry.set_tag(versions[0], "atelier.rollback", record.model_dump_json())
    return record
