"""The log of champions: every change of the alias `champion`, in tags of the registered model.

    mlflow.atelier.history.000001, mlflow.atelier.history.000002, …     one change each, as JSON; never written again
    atelier.pending                                                     a change that has begun and is not completed

A change is first written as pending, then the alias moves, then the entry is written, and at last the pending change is
removed. What a kill leaves is completed from the pending change, see `promotion.finish_pending`: when the alias has
moved, the entry is written, otherwise nothing has happened. An entry that is written twice is the same entry.

Each change has a tag of its own because databases limit a tag to 5,000 characters. Call the functions that write
within `exclusive`.
"""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from pydantic import ValidationError

from atelier.champion_history import Change, History
from atelier.errors import BadInputError
from atelier.registry.models import Registry
from atelier.registry.tracking import lineage
from atelier.registry.version import LOG, PREDECESSOR, ROLLED_BACK, Version, predecessor
from atelier.settings import problems

log = logging.getLogger(__name__)

PENDING = "atelier.pending"
"""Family tag: the change that has begun and is not completed."""
LONGEST_REASON = 1000
_LONGEST_VERDICT = 2000
"""Characters."""


def derive(family: str, versions: Iterable[Version], champion: int | None, tags: Mapping[str, str]) -> History:
    """The history from what the registry says.

    Changes from before the log are reconstructed from verdicts and predecessors of the versions. Of a version that was
    promoted twice only the last promotion is known then. A champion that the changes do not explain was set by hand.

    Parameters
    ----------
    champion
        The version that has the alias `champion`.
    tags
        Of the family.
    """
    logged = [change for key in sorted(tags) if key.startswith(LOG) and (change := _change(tags[key]))]
    changes = [*_reconstructed(versions, logged, pending(tags)), *logged]
    last = changes[-1].champion if changes else None
    if last == champion:
        return History(family=family, changes=tuple(changes))
    begun = pending(tags)
    by_hand = Change(kind="by hand", champion=champion, before=last, at="")
    changes.append(begun if begun and begun.champion == champion else by_hand)
    return History(family=family, changes=tuple(changes), logged=False)


def pending(tags: Mapping[str, str]) -> Change | None:
    """The change that has begun and is not completed."""
    return _change(tags[PENDING]) if PENDING in tags else None


def read(registry: Registry, family: str) -> History:
    """The history of a family."""
    champion = registry.aliases(family).get("champion")
    return derive(family, registry.history(family), champion, registry.family_tags(family))


def begin(
    registry: Registry,
    family: str,
    kind: Literal["promotion", "rollback"],
    champion: int,
    verdict: str = "",
    reason: str = "",
) -> Change:
    """Write a change as pending, before the alias moves."""
    complete(registry, family)
    history = read(registry, family)
    change = Change(
        number=_last_number(history) + 1,
        kind=kind,
        champion=champion,
        before=history.champion,
        at=lineage.now(),
        verdict=verdict[:_LONGEST_VERDICT],
        reason=reason,
    )
    registry.set_family_tag(family, PENDING, change.model_dump_json())
    return change


def complete(registry: Registry, family: str) -> None:
    """Write what is missing in the log: the pending change, when the alias has moved, or a change by hand."""
    history = read(registry, family)
    if history.logged:
        return
    missing = history.changes[-1]
    if missing.kind == "by hand":
        missing = missing.model_copy(update={"number": _last_number(history) + 1, "at": lineage.now()})
    registry.set_family_tag(family, f"{LOG}{missing.number:06d}", missing.model_dump_json())


def check_reason(reason: str) -> str:
    """The reason of a rollback.

    Raises
    ------
    BadInputError
        When it is too long to be kept.
    """
    if len(reason) > LONGEST_REASON:
        raise BadInputError(f"The reason has {len(reason):,} characters. At most {LONGEST_REASON:,} can be kept.")
    return reason


def _last_number(history: History) -> int:
    return max((change.number for change in history.changes), default=0)


def _reconstructed(versions: Iterable[Version], logged: Sequence[Change], begun: Change | None) -> list[Change]:
    """Promotions and rollbacks from before the log, oldest first, as far as the tags of the versions tell them."""
    first = logged[0].at if logged else None
    # Every promotion of a version has the same tags, whether it was logged or not. Rollbacks are told apart by time.
    known = {_identity(change) for change in [*logged, begun] if change}
    found = [change for version in versions for change in _from_tags(version) if _identity(change) not in known]
    return sorted((each for each in found if first is None or each.at <= first), key=lambda each: each.at)


def _identity(change: Change) -> tuple[str, int | None, str]:
    return change.kind, change.champion, "" if change.kind == "promotion" else change.at


def _from_tags(version: Version) -> Iterator[Change]:
    verdict = version.verdict()
    if PREDECESSOR in version.tags and verdict and verdict.promote:
        yield Change(
            kind="promotion",
            champion=version.number,
            before=predecessor(version),
            at=verdict.at,
            verdict=verdict.sentence(),
        )
    if ROLLED_BACK in version.tags:
        record = json.loads(version.tags[ROLLED_BACK])
        yield Change(kind="rollback", champion=int(record["champion"]), before=version.number, at=record["at"])


def _change(stored: str) -> Change | None:
    """A stored change; None, with a warning, when a person has damaged it."""
    try:
        return Change.model_validate_json(stored, extra="ignore")
    except ValidationError as error:
        log.warning("An entry of the history cannot be read and is left out. %s.", problems(error))
        return None
