"""How a family stands: its champion, its challenger, the last verdict. Answered without MLflow where nothing changed.

Most runs change nothing, and loading MLflow to find that out takes seconds. What was found is kept beside the sqlite
file with a fingerprint of it; the same file gives the same answer. A server is always asked.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from atelier.atomic_files import write_atomically
from atelier.model_card import Metrics
from atelier.registry.gate.verdict import Verdict
from atelier.registry.models import Registry, Version, predecessor
from atelier.registry.tracking import backend
from atelier.settings import Settings

ROLLBACK = "atelier.rollback"
"""Tag of a family: `left:target` of a rollback that is under way."""

_CHANGE_COUNTER = slice(24, 28)
"""Where a sqlite file counts its transactions (file format, section 1.3.7)."""


class Standing(Settings):
    """What the registry says of one family."""

    family: str
    champion: Version | None
    metrics: Metrics
    """The champion's test metrics, from its card."""
    challenger: Version | None
    verdict: Verdict | None
    """The family's latest."""
    settled: bool
    """False when a promotion or rollback was killed and has tidying left."""

    def sides(self) -> list[Version]:
        """Challenger and champion, as far as they exist."""
        return [version for version in (self.challenger, self.champion) if version is not None]


def standing(registry: Registry, family: str) -> Standing:
    """How the family stands now."""
    database = backend.database(registry.uri)
    mark = None if database is None else fingerprint(database)
    known = _recall(database, mark) if database and mark else {}
    if family in known:
        try:
            return Standing.model_validate(known[family])
        except ValidationError:  # written by another version of this code
            known = {}
    found = _ask(registry, family)
    # The mark is from before the question: were the file changed meanwhile, the answer is not recalled.
    if database and mark:
        known[family] = json.loads(found.model_dump_json())
        _remember(database, mark, known)
    return found


def fingerprint(database: Path) -> str | None:
    """Changes with every transaction; None when there is no file or a transaction is under way."""
    beside = (database.with_name(database.name + end) for end in ("-journal", "-wal"))
    if not database.exists() or any(path.exists() for path in beside):
        return None
    with database.open("rb") as file:
        counter = file.read(100)[_CHANGE_COUNTER]
    status = database.stat()
    return f"{status.st_size}-{status.st_mtime_ns}-{counter.hex()}"


def _ask(registry: Registry, family: str) -> Standing:
    history = registry.history(family)
    versions = {version.number: version for version in history}
    aliases = registry.aliases(family)
    champion = versions.get(aliases.get("champion", 0))
    verdicts = [verdict for version in history if (verdict := version.verdict())]
    tidy = champion is None or (
        aliases.get("previous") == predecessor(champion) and aliases.get("challenger") != champion.number
    )
    return Standing(
        family=family,
        champion=champion,
        metrics=registry.card(champion).metrics if champion else {},
        challenger=versions.get(aliases.get("challenger", 0)),
        verdict=max(verdicts, key=lambda verdict: (verdict.at, int(verdict.challenger)), default=None),
        settled=tidy and ROLLBACK not in registry.notes(family),
    )


def _place(database: Path) -> Path:
    return database.with_name(f"{database.name}.standing.json")


def _recall(database: Path, mark: str) -> dict[str, Any]:
    try:
        kept = json.loads(_place(database).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return dict(kept["families"]) if kept.get("mark") == mark else {}


def _remember(database: Path, mark: str, families: dict[str, Any]) -> None:
    write_atomically(_place(database), json.dumps({"mark": mark, "families": families}))
