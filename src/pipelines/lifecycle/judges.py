"""The judges of a family: champions of other families that its evaluation uses.

A generator cannot be evaluated by its own loss. Instead, an independently trained classifier predicts the labels of its
drawings. Results of two evaluations are comparable only when the same champions were used, so the versions of the
judges are part of the hash that identifies the results.
"""

from collections.abc import Mapping

from atelier.errors import AtelierError
from atelier.model_card import MODEL
from atelier.onnx.model import OnnxModel
from atelier.registry.models import Registry
from atelier.registry.status import status
from atelier.registry.tracking import lineage
from atelier.registry.version import Version
from pipelines.lifecycle.code_hash import code_hash
from pipelines.lifecycle.contracts import FamilyInputs, FamilySettings, Judge
from pipelines.lifecycle.families import FAMILIES


def champions(registry: Registry, name: str) -> dict[str, Version]:
    """Judging family → its current champion. Empty for a family without judges.

    Raises
    ------
    AtelierError
        When a judging family has no champion.
    """
    return {judge: champion(registry, judge, f"{name} is judged by") for judge in FAMILIES[name].judges}


def version_numbers(versions: Mapping[str, Version]) -> dict[str, str]:
    """Judging family → version number, as stored in model cards."""
    return {judge: str(version.number) for judge, version in versions.items()}


def test_hash(family: str, inputs: FamilyInputs, versions: Mapping[str, Version], settings: FamilySettings) -> str:
    """`lineage.test_hash` of an evaluation of the family with these judges and with the current data and code."""
    items = inputs.split_hashes(settings.splits_of_evaluation, ("test",))
    blocks = settings.model_dump(mode="json", include=set(settings.evaluation_blocks))
    code = code_hash(f"{FAMILIES[family].package}.evaluation")
    return lineage.test_hash(items, version_numbers(versions), {**blocks, "code": code})


def load_judges(registry: Registry, versions: Mapping[str, Version]) -> dict[str, Judge]:
    """Judging family → its loaded model, as arguments of `evaluate`."""
    return {
        judge: Judge(
            str(version.number), OnnxModel(registry.onnx(version)[MODEL], threads=0), registry.card(version).spec
        )
        for judge, version in versions.items()
    }


def champion(registry: Registry, family: str, needed_by: str) -> Version:
    """A family's champion.

    Parameters
    ----------
    needed_by
        Beginning of the error message, such as `The experiment needs`.

    Raises
    ------
    AtelierError
        When it has none. The message gives the reason and the command that makes one.
    """
    current = status(registry, family)
    if current.champion is None:
        reason = f" ({current.verdict.short()})" if current.verdict else ""
        raise AtelierError(
            f"{needed_by} the champion of {family}, but there is none{reason}. "
            f"Make one: kedro run --pipelines {family},promote, with the same --env"
        )
    return current.champion
