"""Promotion and rollback: moving the alias `champion`, so that a kill at any point leaves exactly one champion.

Both are one decisive write, the move of the alias, with preparation before it and tidying after it:

    promote     verdict → predecessor → **champion** → previous → challenger removed
    rollback    intent  → **champion** → record → previous → intent removed

A kill before the decisive write leaves the old champion, and doing it again starts over. A kill after it leaves the new
one, and doing it again finds that out and only tidies up. The predecessor is a tag of the version, so that going back
twice goes back two; the intent, a tag of the family, is how an interrupted rollback is told from a new one.
"""

from collections.abc import Callable, Mapping

from atelier.errors import AtelierError
from atelier.evaluation.grids import side_by_side
from atelier.evaluation.results import Evaluation
from atelier.model_card import ModelSpec
from atelier.onnx.model import OnnxModel
from atelier.onnx.parts import open_parts
from atelier.registry.gate.gate import Contestant, judge
from atelier.registry.gate.settings import GateSettings
from atelier.registry.gate.verdict import Rollback, Verdict
from atelier.registry.models import JUDGED, PREDECESSOR, Registry, Version, predecessor
from atelier.registry.status import ROLLBACK, standing
from atelier.registry.tracking import lineage

Evaluate = Callable[[Mapping[str, OnnxModel], ModelSpec], Evaluation]
"""A family's evaluation on today's test split, of the parts of a model."""


def challenge(
    registry: Registry, family: str, settings: GateSettings, test_hash: str, evaluate: Evaluate
) -> Verdict | None:
    """Judge the family's challenger and promote it if it passes; None when there is no challenger.

    A question that was answered before (the same two versions, test items and rules) is not asked again. Whichever side
    has no results on these test items is evaluated now, on its ONNX file, and the results are kept. What both look
    like is logged to the challenger's run, side by side.

    Parameters
    ----------
    test_hash
        `lineage.test_hash` of today's data, judges and settings.
    evaluate
        Evaluates an ONNX file on the test split with this hash.
    """
    now = standing(registry, family)
    if not now.settled:
        settle(registry, family)
        now = standing(registry, family)
    if now.challenger is None:
        return None
    versions = [now.challenger.number, now.champion.number if now.champion else None]
    asked = lineage.digest([family, versions, test_hash, settings.model_dump(mode="json")])
    verdict = _answered(now.challenger, asked)
    if verdict is None:
        sides = [_contestant(registry, version, settings, test_hash, evaluate) for version in now.sides()]
        verdict = judge(sides[0], sides[1] if now.champion else None, settings)
        verdict = verdict.model_copy(update={"asked": asked, "at": lineage.now()})
        if now.champion:
            _show(registry, now.challenger, *sides)
        _store(registry, now.challenger, verdict)
    if verdict.promote:
        promote(registry, verdict)
    return verdict


def promote(registry: Registry, verdict: Verdict) -> None:
    """Make the version of a passing verdict its family's champion; doing it again changes nothing.

    Raises
    ------
    AtelierError
        When the verdict is not to promote.
    """
    if not verdict.promote:
        raise AtelierError(f"The gate kept {verdict.family} v{verdict.challenger} out: {' '.join(verdict.reasons)}")
    version = registry.version(verdict.family, int(verdict.challenger))
    champion = registry.get(verdict.family, "champion")
    if champion is None or champion.number != version.number:
        registry.tag(version, PREDECESSOR, str(champion.number) if champion else "")
        registry.set_alias(version, "champion")
    settle(registry, verdict.family)


def rollback(registry: Registry, family: str) -> Rollback:
    """Make the champion's predecessor champion again; a rollback that was killed is completed instead.

    Raises
    ------
    AtelierError
        When there is no champion, no predecessor, or the predecessor's file is gone.
    """
    champion = registry.get(family, "champion")
    if champion is None:
        raise AtelierError(
            f"{family} has no champion yet. Train and promote one: kedro run --pipelines {family},promote, "
            "with the same --env"
        )
    left, target = _intent(registry, family)
    if champion.number != target:
        left, target = champion.number, _way_back(registry, champion)
        settle(registry, family)
        registry.note(family, ROLLBACK, f"{left}:{target}")
        registry.set_alias(registry.version(family, target), "champion")
    record = _record(registry, family, left, target)
    settle(registry, family)
    return record


def settle(registry: Registry, family: str) -> None:
    """Tidy up after the champion moved: `previous` follows, a promoted challenger is one no more, an intent is done."""
    aliases = registry.aliases(family)
    champion = aliases.get("champion")
    if champion is not None:
        before = predecessor(registry.version(family, champion))
        if before is None and "previous" in aliases:
            registry.remove_alias(family, "previous")
        if before is not None and aliases.get("previous") != before:
            registry.set_alias(registry.version(family, before), "previous")
        if aliases.get("challenger") == champion:
            registry.remove_alias(family, "challenger")
    if ROLLBACK in registry.notes(family):
        registry.note(family, ROLLBACK, None)


def _answered(challenger: Version, asked: str) -> Verdict | None:
    verdict = challenger.verdict()
    return verdict if verdict and verdict.asked == asked else None


def _contestant(
    registry: Registry, version: Version, settings: GateSettings, test_hash: str, evaluate: Evaluate
) -> Contestant:
    card = registry.card(version)
    result = registry.evaluation(version, test_hash)
    if result is None or not set(settings.rules) <= set(result.metrics):
        result = evaluate(open_parts(registry.onnx(version)), card.spec)
        registry.store_evaluation(version.run_id, test_hash, result)
    return Contestant(str(version.number), card, result)


def _show(registry: Registry, version: Version, challenger: Contestant, champion: Contestant) -> None:
    """Every picture that both evaluations have, in one file; the same versions write the same files again."""
    ours, theirs = challenger.evaluation.pictures, champion.evaluation.pictures
    titles = (f"challenger v{challenger.version}", f"champion v{champion.version}")
    pictures = {name: side_by_side([ours[name], theirs[name]], titles) for name in sorted(ours.keys() & theirs.keys())}
    registry.store_pictures(version.run_id, f"beside_champion_v{champion.version}", pictures)


def _store(registry: Registry, version: Version, verdict: Verdict) -> None:
    registry.describe(version, f"```\n{verdict.text()}```")
    registry.tag(version, JUDGED, verdict.model_dump_json())


def _intent(registry: Registry, family: str) -> tuple[int, int | None]:
    """(version left, version gone back to) of a rollback that was begun and not completed."""
    left, separator, target = registry.notes(family).get(ROLLBACK, "").partition(":")
    return (int(left), int(target)) if separator else (0, None)


def _way_back(registry: Registry, champion: Version) -> int:
    before = predecessor(champion)
    if before is None:
        raise AtelierError(
            f"{champion} took nobody's place, so there is nothing to go back to. To replace it, train another and "
            f"let the gate decide: kedro run --pipelines {champion.family},promote, with the same --env"
        )
    files = registry.onnx(registry.version(champion.family, before))
    if not all(path.exists() for path in files.values()):
        raise AtelierError(f"{champion.family} v{before} has lost its ONNX file, so {champion} stays champion.")
    return before


def _record(registry: Registry, family: str, left: int, target: int) -> Rollback:
    versions = [registry.version(family, number) for number in (left, target)]
    before, after = (dict(registry.card(version).metrics) for version in versions)
    record = Rollback(family=family, left=str(left), champion=str(target), before=before, after=after, at=lineage.now())
    registry.tag(versions[0], "atelier.rollback", record.model_dump_json())
    return record
