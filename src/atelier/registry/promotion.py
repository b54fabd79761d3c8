"""Promotion: the gate decides, and the alias `champion` moves. A kill at any point leaves exactly one champion.

One write is decisive, the move of the alias. The writes before it prepare, the writes after it clean up:

    verdict, pending change, predecessor, **champion**, history, previous, challenger removed, pending change removed

After a kill before the decisive write, the old champion stays and calling the function again starts over. After a kill
behind it, the new champion is in place and calling the function again only cleans up. The predecessor is a tag of the
version, so that two rollbacks go back two champions.

Two processes never write at the same time, see `exclusive`. Models are evaluated before the lock is taken, because that
may take long. If another process has changed champion or challenger meanwhile, the gate decides again.
"""

from collections.abc import Callable, Mapping

from atelier.errors import AtelierError, BadInputError
from atelier.evaluation.grids import side_by_side
from atelier.evaluation.results import Evaluation
from atelier.model_card import ModelCard, ModelSpec
from atelier.onnx.model import OnnxModel
from atelier.onnx.parts import open_parts
from atelier.registry import history
from atelier.registry.exclusive import exclusive
from atelier.registry.gate.gate import METHOD, Candidate, decide
from atelier.registry.gate.settings import GateSettings
from atelier.registry.gate.verdict import Verdict
from atelier.registry.models import Registry
from atelier.registry.status import FamilyStatus, status
from atelier.registry.tracking import lineage
from atelier.registry.version import PREDECESSOR, VERDICT, Version, predecessor

Evaluate = Callable[[Mapping[str, OnnxModel], ModelSpec], Evaluation]
"""Evaluates a model, given as part → session, on today's test split."""


def run_gate(
    registry: Registry, family: str, settings: GateSettings, test_hash: str, evaluate: Evaluate
) -> Verdict | None:
    """Decide about the family's challenger, and promote it if it passes.

    A verdict on the same two versions, test items and rules is reused. A model without results on these test items is
    evaluated now, on its ONNX files, and the results are stored. The images of both models are logged to the
    challenger's run, side by side.

    Parameters
    ----------
    test_hash
        `lineage.test_hash` of today's data, judges and settings.
    evaluate
        Evaluates a model on the test split with this hash.

    Returns
    -------
    Verdict or None
        None when there is no challenger.
    """
    while True:
        if status(registry, family).pending:
            with exclusive(registry, family):
                finish_pending(registry, family)
        found = status(registry, family)
        if found.challenger is None:
            return None
        verdict = _current_verdict(registry, found, settings, test_hash, evaluate)
        with exclusive(registry, family):
            if _numbers(status(registry, family)) == _numbers(found):
                _store(registry, found.challenger, verdict)
                return verdict


def _current_verdict(
    registry: Registry, found: FamilyStatus, settings: GateSettings, test_hash: str, evaluate: Evaluate
) -> Verdict:
    """The stored verdict on the family's challenger if it still holds, else a new one."""
    assert found.challenger is not None
    inputs_hash = _inputs_hash(found, test_hash, settings)
    verdict = found.challenger.verdict()
    if verdict is not None and verdict.inputs_hash == inputs_hash:
        return verdict
    verdict = _decide(registry, found.challenger, found.champion, settings, test_hash, evaluate)
    return verdict.model_copy(update={"inputs_hash": inputs_hash, "at": lineage.now()})


def _store(registry: Registry, challenger: Version, verdict: Verdict) -> None:
    """Store a verdict with its challenger, and promote it if it passed."""
    if verdict != challenger.verdict():
        registry.describe(challenger, verdict.markdown())
        registry.describe_run(challenger, verdict.markdown())
        registry.name_run(challenger, f"{verdict.short()} ({verdict.primary()})")
        registry.set_tag(challenger, VERDICT, verdict.model_dump_json())
    if verdict.promote:
        promote(registry, verdict)


def promote(registry: Registry, verdict: Verdict) -> None:
    """Make the version of a passing verdict its family's champion. Calling it again changes nothing.

    Call it within `exclusive`.

    Raises
    ------
    AtelierError
        When the verdict is not to promote.
    """
    if not verdict.promote:
        raise AtelierError(f"The gate rejected {verdict.family} v{verdict.challenger}: {' '.join(verdict.reasons)}")
    version = registry.version(verdict.family, int(verdict.challenger))
    champion = registry.get(verdict.family, "champion")
    if champion is None or champion.number != version.number:
        history.begin(registry, verdict.family, "promotion", version.number, verdict=verdict.sentence())
        registry.set_tag(version, PREDECESSOR, str(champion.number) if champion else "")
        registry.set_alias(version, "champion")
    finish_pending(registry, verdict.family)


def finish_pending(registry: Registry, family: str) -> None:
    """Do what is left after the champion changed.

    The change is entered into the history, also when a person moved the alias. Names of runs say who is champion.
    `previous` moves to the champion's predecessor, the champion is no longer `challenger`, and at last the change is no
    longer pending. A predecessor that a person has deleted is passed over.
    """
    history.complete(registry, family)
    versions = {version.number: version for version in registry.history(family)}
    _name_runs(registry, family, versions)
    aliases = registry.aliases(family)
    champion = versions.get(aliases.get("champion", 0))
    if champion is not None:
        before = versions.get(predecessor(champion) or 0)
        if before is None and "previous" in aliases:
            registry.remove_alias(family, "previous")
        if before is not None and aliases.get("previous") != before.number:
            registry.set_alias(before, "previous")
        if aliases.get("challenger") == champion.number:
            registry.remove_alias(family, "challenger")
    if history.PENDING in registry.family_tags(family):
        registry.set_family_tag(family, history.PENDING, None)


def _name_runs(registry: Registry, family: str, versions: Mapping[int, Version]) -> None:
    """Name the runs of the champion and of the one before by what they are: MLflow's table shows names first."""
    for change in history.read(registry, family).changes[-1:]:
        marks = {change.before: "rolled back" if change.kind == "rollback" else "promoted", change.champion: "champion"}
        for number, mark in marks.items():
            version = versions.get(number or 0)
            verdict = version.verdict() if version else None
            if version and verdict:
                registry.name_run(version, f"v{number} {mark} ({verdict.primary()})")


def _numbers(found: FamilyStatus) -> list[int | None]:
    """Version numbers of challenger and champion."""
    return [version.number if version else None for version in (found.challenger, found.champion)]


def _inputs_hash(found: FamilyStatus, test_hash: str, settings: GateSettings) -> str:
    return lineage.digest([METHOD, found.family, _numbers(found), test_hash, settings.model_dump(mode="json")])


def _decide(
    registry: Registry,
    challenger: Version,
    champion: Version | None,
    settings: GateSettings,
    test_hash: str,
    evaluate: Evaluate,
) -> Verdict:
    """The verdict on two versions, evaluated where needed."""
    new = _candidate(registry, challenger, settings, test_hash, evaluate)
    old = _candidate(registry, champion, settings, test_hash, evaluate) if champion else None
    verdict = decide(new, old, settings)
    if old:
        _log_side_by_side(registry, challenger, new, old)
    return verdict


def _candidate(
    registry: Registry, version: Version, settings: GateSettings, test_hash: str, evaluate: Evaluate
) -> Candidate:
    card = registry.card(version)
    result = registry.evaluation(version, test_hash)
    # Results that earlier versions stored do not say what is independent (units is None): their intervals may be wrong.
    if result is None or result.units is None or not set(settings.rules) <= set(result.metrics):
        result = _evaluated(registry, version, card, evaluate)
        registry.store_evaluation(version.run_id, test_hash, result)
    return Candidate(str(version.number), card, result)


def _evaluated(registry: Registry, version: Version, card: ModelCard, evaluate: Evaluate) -> Evaluation:
    parts = open_parts(registry.onnx(version))  # a registry that cannot be read has an error of its own
    try:
        return evaluate(parts, card.spec)
    except AtelierError:
        raise
    except Exception as error:
        raise BadInputError(
            f"{version.family} v{version.number} cannot be evaluated by the present code "
            f"({type(error).__name__}: {error}). Make `evaluate` of the family read this version, or remove its alias "
            "(champion or challenger) in MLflow, under Models: the gate then leaves it out."
        ) from error


def _log_side_by_side(registry: Registry, version: Version, challenger: Candidate, champion: Candidate) -> None:
    """Log every image that both evaluations have. The same two versions always write the same files."""
    ours, theirs = challenger.evaluation.pictures, champion.evaluation.pictures
    titles = (f"challenger v{challenger.version}", f"champion v{champion.version}")
    images = {name: side_by_side([ours[name], theirs[name]], titles) for name in sorted(ours.keys() & theirs.keys())}
    registry.store_images(version.run_id, f"beside_champion_v{champion.version}", images)
