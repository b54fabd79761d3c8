"""An adopted model is evaluated on the test split and registered, in an MLflow run of its own."""

from hashlib import sha256
from pathlib import Path

from atelier.atomic_files import write_atomically
from atelier.model_card import MODEL, Adoption, Lineage, ModelCard
from atelier.onnx.benchmark import measure_parts
from atelier.onnx.model import OnnxModel
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

    The same file with the same labels and the same range is the same run and version. Another range is another graph:
    its results must not take the place of those of the first version.

    Parameters
    ----------
    folder
        For the adapted file.
    """
    file = folder / "model.onnx"
    write_atomically(file, adopted.content)
    champions = judges.champions(registry, family)
    loaded = judges.load_judges(registry, champions)
    arguments = {MODEL: OnnxModel(file, threads=0), "spec": adopted.spec, "settings": settings, **loaded}
    evaluation = FAMILIES[family].evaluate(inputs, **arguments)
    key = f"adopt/{lineage.digest([sha256(adopted.content).hexdigest(), list(adopted.spec.labels)])}"
    tags = {"atelier.adopted": origin.sentence(), "mlflow.runName": origin.name}
    with open_run(registry.uri, registry.experiment(family), key, tags) as run:
        run.log_files("", {"adopted.json": origin.model_dump_json(indent=2).encode()})
        card = ModelCard(
            family=family,
            spec=adopted.spec,
            metrics=dict(evaluation.metrics),
            cost=measure_parts({MODEL: file}, adopted.spec),
            parity={MODEL: adopted.parity},
            parameters=adopted.parameters,
            lineage=_lineage(run, origin, judges.version_numbers(champions)),
        )
        test_hash = judges.test_hash(family, inputs, champions, settings)
        version = registration.register(registry, run, {MODEL: file}, card, evaluation, test_hash)
        run.set_tag("mlflow.runName", f"v{version.number}")
    card.model_copy(update={"version": str(version.number)}).write(folder / "card.json")
    return version


def _lineage(run: Run, origin: Adoption, judging: dict[str, str]) -> Lineage:
    """Without code and data, as this project knows of neither."""
    made = lineage.trace(run.run_id, run.experiment, {}, judging, (lineage.UNKNOWN_COMMIT, True))
    return made.model_copy(update={"adopted": origin})
