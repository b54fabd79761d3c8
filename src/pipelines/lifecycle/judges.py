"""The judges of a family: champions of other families that its evaluation uses.

A generator cannot be evaluated by its own loss: an independently trained classifier says what it recognizes in the
drawings. Results of two such evaluations compare only where the same champions were used, so the versions of the judges
are part of the hash that results are stored under.
"""

from collections.abc import Mapping

from atelier.errors import AtelierError
from atelier.model_card import MODEL
from atelier.onnx.model import OnnxModel
from atelier.registry.models import Registry, Version
from atelier.registry.status import status
from atelier.registry.tracking import lineage
from pipelines.lifecycle.code_hash import code_hash
from pipelines.lifecycle.contracts import FamilyInputs, FamilySettings, Judge
from pipelines.lifecycle.families import FAMILIES


def champions(registry: Registry, name: str) -> dict[str, Version]:
    """Judging family → its champion of today; empty for a family without judges.

    Raises
    ------
    AtelierError
        When a judging family has no champion.
    """
    return {judge: champion(registry, judge, f"{name} is judged by") for judge in FAMILIES[name].judges}


def numbers(versions: Mapping[str, Version]) -> dict[str, str]:
    """Judging family → version number, as cards take them."""
    return {judge: str(version.number) for judge, version in versions.items()}


def test_hash(family: str, inputs: FamilyInputs, versions: Mapping[str, Version], settings: FamilySettings) -> str:
    """`lineage.test_hash` of an evaluation of the family by these judges, with today's data, settings and code."""
    items = inputs.split_hashes(settings.splits_of_evaluation, ("test",))
    blocks = settings.model_dump(mode="json", include=set(settings.evaluation_blocks))
    code = code_hash(f"{FAMILIES[family].package}.evaluation")
    return lineage.test_hash(items, numbers(versions), {**blocks, "code": code})


def load_judges(registry: Registry, versions: Mapping[str, Version]) -> dict[str, Judge]:
    """Judging family → its model, as the arguments of `evaluate`."""
    return {
        judge: Judge(
            str(version.number), OnnxModel(registry.onnx(version)[MODEL], threads=0), registry.card(version).spec
        )
        for judge, version in versions.items()
    }


def champion(registry: Registry, family: str, whose: str) -> Version:
    """A family's champion.

    Parameters
    ----------
    whose
        Who asks for it, as the beginning of a sentence: `the experiment asks`.

    Raises
    ------
    AtelierError
        When it has none; the message says why and what to run.
    """
    found = status(registry, family)
    if found.champion is None:
        reason = f" ({found.verdict.short()})" if found.verdict else ""
        raise AtelierError(
            f"{whose} the champion of {family}, and there is none{reason}. "
            f"Make one: kedro run --pipelines {family},promote, with the same --env"
        )
    return found.champion
