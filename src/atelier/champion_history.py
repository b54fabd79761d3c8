"""Who was champion when: the changes of a family's champion, in order.

The registry keeps the changes (`atelier.registry.history`). A packaged champion has them beside its card, because the
service does not ask the registry. This module needs only pydantic.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field

from atelier.errors import BadInputError
from atelier.settings import Settings

FILE = "history.json"
"""Name of the file beside the card of a packaged champion."""


class Change(Settings):
    """One change of the champion."""

    number: int = 0
    """Place in the registry's log, from 1. 0: not in the log, but derived from what the registry says today."""
    kind: Literal["promotion", "rollback", "by hand"]
    champion: int | None
    """Version number of the new champion; None when the alias was removed."""
    before: int | None
    """Version number of the former champion."""
    at: str
    """Date and time, UTC, ISO 8601. Of a change by hand: when it was noticed. Empty: unknown."""
    verdict: str = ""
    """Of a promotion: the gate's decision and its reasons."""
    reason: str = ""
    """Of a rollback: the reason that was given."""

    def sentence(self) -> str:
        """What happened, for a person."""
        name = f"v{self.champion}" if self.champion else "no version"
        if self.kind == "promotion":
            text = self.verdict or f"{name} was promoted"
        elif self.kind == "rollback":
            text = f"rolled back from v{self.before} to {name}" + (f": {self.reason}" if self.reason else "")
        else:
            text = f"{name} was made champion outside of Atelier, by hand in MLflow" + (
                f"; noticed {self.at}" if self.at else "; the next command that changes the champion will note it"
            )
        return text if self.number or self.kind == "by hand" else f"{text} (from before the history was kept)"


class Period(Settings):
    """The time in which one version was champion."""

    version: str
    since: str = Field(description="Date and time, UTC, ISO 8601; empty where it is unknown.")
    until: str | None = Field(description="As `since`; null for the present champion.")
    began: str = Field(description="How the version became champion: the verdict of the gate, a rollback, by hand.")
    ended: str | None = Field(description="Why it is not champion any more; null for the present champion.")


class History(Settings):
    """The changes of one family's champion, oldest first."""

    family: str
    changes: tuple[Change, ...] = ()
    logged: bool = True
    """Whether the registry's log has the last change. It has not after a kill, and after a change by hand."""

    @property
    def champion(self) -> int | None:
        """The version number after the last change."""
        return self.changes[-1].champion if self.changes else None

    def periods(self) -> tuple[Period, ...]:
        """Every version that was champion, from when to when, oldest first."""
        return tuple(
            Period(
                version=str(began.champion),
                since=began.at,
                until=ended.at if ended else None,
                began=began.sentence(),
                ended=_ending(ended),
            )
            for began, ended in pairwise([*self.changes, None])
            if began and began.champion is not None
        )

    def answer(self, at: str) -> str:
        """Who was champion at a time, in a sentence.

        Parameters
        ----------
        at
            ISO 8601, such as `2026-11-20T12:00`; UTC when it names no time zone.

        Raises
        ------
        BadInputError
            When it is not a time.
        """
        when = _time(at)
        label = when.isoformat(timespec="minutes")
        if when > datetime.now(UTC):
            raise BadInputError(f"at={at} is in the future. Give a time that has passed, in UTC.")
        past = [change for change in self.changes if not change.at or _time(change.at) <= when]
        later = self.changes[len(past)] if len(past) < len(self.changes) else None
        if not past or past[-1].champion is None:
            first = f" The next was v{later.champion}, from {later.at}." if later and later.champion else ""
            return f"{self.family} had no champion at {label}.{first}"
        text = f"{self.family} v{past[-1].champion} was champion at {label}: {past[-1].sentence()}"
        if later and later.kind == "by hand":
            text += f" But {later.sentence()}: when it happened is not known."
        return text

    @classmethod
    def read(cls, path: Path) -> Self:
        """The history in a file that `model_dump_json` made."""
        return cls.model_validate_json(path.read_text(encoding="utf-8"), extra="ignore")

    def as_json(self) -> Mapping[str, Any]:
        """Periods and changes as plain JSON types."""
        periods = [period.model_dump(mode="json") for period in self.periods()]
        return {"family": self.family, "champions": periods, **self.model_dump(mode="json", include={"changes"})}


def _ending(change: Change | None) -> str | None:
    if change is None:
        return None
    return f"replaced by v{change.champion}" if change.kind == "promotion" else change.sentence()


def _time(text: str) -> datetime:
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInputError(f"{text!r} is not a time. Write it as 2026-11-20T12:00, in UTC.") from error
    return when if when.tzinfo else when.replace(tzinfo=UTC)
