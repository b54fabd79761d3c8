"""Rollback: the alias `champion` moves back. A kill at any point leaves exactly one champion.

As in a promotion, one write is decisive, the move of the alias:

    pending change, **champion**, record, entry of the history, previous, pending change removed

The pending change tells an interrupted rollback, which calling the function again completes, from a new one, which goes
back one more champion.
"""

from typing import TYPE_CHECKING

from atelier.champion_history import Change
from atelier.errors import AtelierError
from atelier.model_card import Metric
from atelier.registry import history
from atelier.registry.exclusive import exclusive
from atelier.registry.gate.intervals import with_interval
from atelier.registry.missing import MissingRunError, UnreadableArtifactsError
from atelier.registry.models import Registry
from atelier.registry.promotion import finish_pending
from atelier.registry.version import ROLLED_BACK, Version, predecessor
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
    """Test metrics of the two versions, from their cards; empty for a card that cannot be read."""
    reason: str = ""
    """Why, as it was given."""
    at: str
    """Date and time, UTC, ISO 8601."""

    def table(self) -> "Table":
        """One row for each metric."""
        from rich.table import Table

        reason = f": {self.reason}" if self.reason else ""
        table = Table(title=f"{self.family}: back from v{self.left} to v{self.champion}{reason}")
        for heading in ("metric (95 %)", f"v{self.left}", f"v{self.champion}, champion"):
            table.add_column(heading)
        for name in sorted({*self.before, *self.after}):
            table.add_row(name, with_interval(self.before.get(name)), with_interval(self.after.get(name)))
        return table


def roll_back(registry: Registry, family: str, reason: str = "") -> Rollback:
    """Make the champion's predecessor champion again. A rollback that was killed is completed instead.

    Parameters
    ----------
    reason
        For the history. A rollback that is completed keeps the reason with which it was begun.

    Raises
    ------
    AtelierError
        When there is no champion, it has no predecessor, the predecessor or an ONNX file of it is missing, or another
        process is promoting or rolling back the family. The champion stays.
    BadInputError
        When the reason is too long.
    """
    history.check_reason(reason)
    with exclusive(registry, family):
        return _roll_back(registry, family, reason)


def _roll_back(registry: Registry, family: str, reason: str) -> Rollback:
    champion = registry.get(family, "champion")
    if champion is None:
        raise AtelierError(
            f"{family} has no champion yet. Train and promote one: kedro run --pipelines {family},promote, "
            "with the same --env"
        )
    change = history.pending(registry.family_tags(family))
    if change is None or change.kind != "rollback" or change.champion != champion.number:
        target = _rollback_target(registry, champion)
        finish_pending(registry, family)
        change = history.begin(registry, family, "rollback", target, reason=reason)
        registry.set_alias(registry.version(family, target), "champion")
    record = _store_rollback(registry, family, change)
    finish_pending(registry, family)
    return record


def _rollback_target(registry: Registry, champion: Version) -> int:
    """The champion's predecessor, after a check that its files exist."""
    before = predecessor(champion)
    command = f"kedro run --pipelines {champion.family},promote"
    another = f"train another and let the gate decide: {command}, with the same --env"
    if before is None:
        raise AtelierError(
            f"{champion} has no predecessor, so there is nothing to go back to. To replace it, {another}"
        )
    version = _existing(registry, champion.family, before)
    if version is None:
        raise AtelierError(
            f"The predecessor of {champion}, v{before}, was deleted in MLflow, so {champion} stays champion. To "
            f"replace it, give the alias champion to another version in MLflow, under Models, or {another}"
        )
    try:
        complete = _is_complete(registry, version)
    except UnreadableArtifactsError as error:
        raise AtelierError(f"{champion} stays champion. {error}") from error
    if not complete:
        raise AtelierError(f"{version} has lost its card or its ONNX file, so {champion} stays champion.")
    return before


def _is_complete(registry: Registry, version: Version) -> bool:
    """Whether its run, its card and its ONNX files exist."""
    try:
        return registry.is_complete(version) and all(path.exists() for path in registry.onnx(version).values())
    except MissingRunError:
        return False


def _existing(registry: Registry, family: str, number: int) -> Version | None:
    """The version with this number; None when a person has deleted it."""
    return next((version for version in registry.history(family) if version.number == number), None)


def _store_rollback(registry: Registry, family: str, change: Change) -> Rollback:
    assert change.before is not None
    assert change.champion is not None
    left = _existing(registry, family, change.before)  # None: deleted after a rollback that was killed
    record = Rollback(
        family=family,
        left=str(change.before),
        champion=str(change.champion),
        before=_metrics(registry, left) if left else {},
        after=_metrics(registry, registry.version(family, change.champion)),
        reason=change.reason,
        at=change.at,
    )
    if left:
        registry.set_tag(left, ROLLED_BACK, record.model_dump_json())
    return record


def _metrics(registry: Registry, version: Version) -> dict[str, Metric]:
    try:
        return dict(registry.card(version).metrics)
    except (MissingRunError, UnreadableArtifactsError):  # the champion that is left may be one whose run was deleted
        return {}
