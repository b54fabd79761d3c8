"""The status of a family: its champion, its challenger, its last verdict. MLflow is loaded only when something changed.

Most runs change nothing, and loading MLflow to find that out takes seconds. Therefore the status is cached beside the
sqlite file, together with a fingerprint of that file. A server is always asked.
"""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from atelier.atomic_files import write_atomically
from atelier.champion_history import History
from atelier.model_card import Metrics
from atelier.registry import history
from atelier.registry.gate.verdict import Verdict
from atelier.registry.models import Registry
from atelier.registry.tracking import address
from atelier.registry.version import Version, predecessor
from atelier.settings import Settings

log = logging.getLogger(__name__)

_CHANGE_COUNTER = slice(24, 28)
"""Where a sqlite file counts its transactions (file format, section 1.3.7)."""


class FamilyStatus(Settings):
    """What the registry says about one family."""

    family: str
    champion: Version | None
    """None also when it was deleted with `mlflow gc`."""
    metrics: Metrics
    """The champion's test metrics, from its card."""
    challenger: Version | None
    """None also when it was deleted with `mlflow gc`."""
    runs: dict[int, str]
    """Number of every version → the run that made it; without a champion or challenger that was deleted."""
    verdict: Verdict | None
    """The family's latest."""
    history: History
    """Who was champion when."""
    pending: bool
    """True when a promotion or a rollback was killed and is not completed, or a person moved the alias `champion`."""


def status(registry: Registry, family: str) -> FamilyStatus:
    """The current status of a family, from the cache where the database is unchanged.

    Raises
    ------
    UnreadableArtifactsError
        When the run of the champion or of the challenger exists, but its card is not there. It is not known then
        whether the version is lost.
    """
    database = address.database(registry.uri)
    mark = None if database is None else fingerprint(database)
    cache = _read_cache(database, mark) if database and mark else {}
    name = registry.name(family)
    if name in cache:
        try:
            return FamilyStatus.model_validate(cache[name])
        except ValidationError:  # written by another version of this code
            cache = {}
    found, lost = _query(registry, family)
    # The fingerprint was taken before the query: if the file has changed since, the cached answer is not used. It does
    # not cover runs on other storage: an answer in which something is missing is not kept.
    if database and mark and not lost:
        cache[name] = json.loads(found.model_dump_json())
        write_atomically(_cache_file(database), json.dumps({"mark": mark, "families": cache}))
    return found


def fingerprint(database: Path) -> str | None:
    """Changes with every transaction. None when there is no file, or a transaction is in progress."""
    journals = (database.with_name(database.name + end) for end in ("-journal", "-wal"))
    if not database.exists() or any(path.exists() for path in journals):
        return None
    with database.open("rb") as file:
        counter = file.read(100)[_CHANGE_COUNTER]
    stat = database.stat()
    return f"{stat.st_size}-{stat.st_mtime_ns}-{counter.hex()}"


def _query(registry: Registry, family: str) -> tuple[FamilyStatus, bool]:
    """The status, and whether the champion or the challenger was deleted with `mlflow gc`."""
    known = registry.history(family)
    versions = {version.number: version for version in known}
    aliases, tags = registry.aliases(family), registry.family_tags(family)
    changes = history.derive(family, known, aliases.get("champion"), tags)
    roles = ("champion", "challenger")
    named = {role: versions[aliases[role]] for role in roles if aliases.get(role) in versions}
    lost = _lost(registry, named)
    champion, challenger = (named.get(role) if role not in lost else None for role in roles)
    verdicts = [verdict for version in known if (verdict := version.verdict())]
    aliases_follow = champion is None or (
        aliases.get("previous") == _existing(predecessor(champion), versions)
        and aliases.get("challenger") != champion.number
    )
    found = FamilyStatus(
        family=family,
        champion=champion,
        metrics=registry.card(champion).metrics if champion else {},
        challenger=challenger,
        runs={version.number: version.run_id for version in known if version not in lost.values()},
        verdict=max(verdicts, key=lambda verdict: (verdict.at, int(verdict.challenger)), default=None),
        history=changes,
        pending=not aliases_follow or not changes.logged or history.PENDING in tags,
    )
    return found, bool(lost)


def _lost(registry: Registry, named: Mapping[str, Version]) -> dict[str, Version]:
    """Those of the versions, by role, whose run was deleted. A warning names each."""
    lost = {role: version for role, version in named.items() if not registry.is_complete(version)}
    for role, version in lost.items():
        log.warning(
            "%s is %s, but its run %s and its card are no longer in %s. It is treated as if there were no %s. To "
            "repeat the gate for the last training: kedro run, with the same --env.",
            *(version, role, version.run_id, registry.uri, role),
        )
    return lost


def _existing(number: int | None, versions: Mapping[int, Version]) -> int | None:
    """The number, if there is such a version: a person may have deleted it."""
    return number if number in versions else None


def _cache_file(database: Path) -> Path:
    return database.with_name(f"{database.name}.status.json")


def _read_cache(database: Path, mark: str) -> dict[str, Any]:
    """Registered name → status of the family, as it was written for this fingerprint; empty where there is none."""
    try:
        cache = json.loads(_cache_file(database).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return dict(cache["families"]) if cache.get("mark") == mark else {}
