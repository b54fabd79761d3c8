"""An adopted model is evaluated on the test split and registered, in an MLflow run of its own."""

from pathlib import Path

from atelier.atomic_files import digest, write_atomically
from atelier.model_card import Adoption, Lineage, ModelCard
from atelier.onnx.benchmark import measure_parts
from atelier.onnx.parts import open_parts
from atelier.registry import registration
from atelier.registry.models import Registry
from atelier.registry.tracking import lineage
from atelier.registry.tracking.run import Run, open_run
from atelier.registry.version import Version
from pipelines.adopt.adopted import Adopted
from pipelines.lifecycle import judges
from pipelines.lifecycle.contracts import FamilyInputs, FamilySettings
from pipelines.lifecycle.families import FAMILIES


def evaluate_and_register(
    adopted: Adopted,
    origin: Adoption,
    family: str,
    settings: FamilySettings,
    inputs: FamilyInputs,
    registry: Registry,
    folder: Path,
) -> Version:
    """Evaluate on today's test split and register as challenger.

    The same files with the same labels and the same range are the same run and version. Another range is another graph:
    its results must not take the place of those of the first version.

    Parameters
    ----------
    folder
        For the adapted files.
    """
    files = {part: folder / f"{part}.onnx" for part in adopted.contents}
    for part, file in files.items():
        write_atomically(file, adopted.contents[part])
    champions = judges.champions(registry, family)
    loaded = judges.load_judges(registry, champions)
    arguments = {"spec": adopted.spec, "settings": settings, **open_parts(files, threads=0), **loaded}
    evaluation = FAMILIES[family].evaluate(inputs, **arguments)
    key = f"adopt/{lineage.digest([*(digest(file, 'sha256') for file in files.values()), list(adopted.spec.labels)])}"
    tags = {"atelier.adopted": origin.sentence()}
    with open_run(registry.uri, registry.experiment(family), key, tags) as run:
        run.log_files("", {"adopted.json": origin.model_dump_json(indent=2).encode()})
        card = ModelCard(
            family=family,
            spec=adopted.spec,
            metrics=dict(evaluation.metrics),
            cost=measure_parts(files, adopted.spec),
            parity=dict(adopted.parity),
            parameters=adopted.parameters,
            lineage=_lineage(run, origin, judges.version_numbers(champions)),
        )
        test_hash = judges.test_hash(family, inputs, champions, settings)
        version = registration.register(registry, run, files, card, evaluation, test_hash)
    card.model_copy(update={"version": str(version.number)}).write(folder / "card.json")
    return version


def _lineage(run: Run, origin: Adoption, judging: dict[str, str]) -> Lineage:
    """Without code and data, as this project knows of neither."""
    made = lineage.trace(run.run_id, run.experiment, {}, judging, (lineage.UNKNOWN_COMMIT, True))
    return made.model_copy(update={"adopted": origin})
