"""Measure whether generated drawings help a classifier. The result is a recommendation; the gate decides."""

import json
from pathlib import Path
from typing import Any

from rich.console import Console

from atelier.atomic_files import write_atomically
from atelier.data.prepared.dataset import PreparedData
from atelier.predictors.drawing_generator import Generator
from atelier.registry.models import Registry
from atelier.registry.tracking import lineage
from atelier.registry.tracking.run import Run, open_run
from atelier.settings import apply
from pipelines.augment.challenger import train_challenger
from pipelines.augment.champions import Champion, find_champion
from pipelines.augment.comparison import Comparison, generated_drawings_help
from pipelines.augment.experiment import Experiment, with_overrides
from pipelines.augment.generated_drawings import GeneratedDrawings, LabelFilter, exclude, generate, image_hashes
from pipelines.augment.plot import comparison_plot
from pipelines.augment.settings import AugmentSettings
from pipelines.augment.tables import as_json, comparison_table, markdown
from pipelines.augment.training_run import size_as_text
from pipelines.lifecycle.families import family
from pipelines.processes.locks import Lock

_PATIENCE_S = 15.0
"""The workers of a killed process end within a second; until then they hold the lock."""
NEXT_STEP = (
    "They help even in addition to all real drawings. To let the gate decide, with the same --env: kedro run "
    "--pipelines augment --params augment.register_challenger=true, then kedro run --pipelines promote"
)


def augment(
    settings: AugmentSettings,
    parameters: dict[str, Any],
    tuned: dict[str, dict[str, Any]],
    registry: Registry,
    folder: Path,
    **data: PreparedData,
) -> None:
    """Train the classifier with and without generated drawings, compare the results and print a recommendation.

    Trainings that were finished by an earlier run are not repeated; the others are resumed.

    Raises
    ------
    BadInputError
        Before the first training: when there is no such family, one has no champion, or an override is not allowed.
    AtelierError
        When a training fails.
    """
    entry = family(settings.classifier)
    family(settings.generator)  # raises for an unknown name
    classifier = apply(entry.settings(parameters[settings.classifier]), tuned[settings.classifier])
    with_overrides(classifier, settings, settings.seeds[0])
    generator, label_filter = (find_champion(registry, name) for name in (settings.generator, settings.classifier))
    what = f"The experiment of {settings.classifier} with drawings of {settings.generator} is being run"
    with Lock(folder / "augment.lock", what, _PATIENCE_S) as lock:
        experiment = Experiment(
            settings=settings,
            classifier=classifier,
            data={name: data[name] for name in entry.data},
            generated=_generate(settings, data[entry.data[0]], generator, label_filter, folder / "generated"),
            champions={"generator": generator.version, "filter": label_filter.version},
            folder=folder,
            registry=registry,
        )
        _run(experiment, lock)


def _generate(
    settings: AugmentSettings, data: PreparedData, generator: Champion, label_filter: Champion, folder: Path
) -> Path:
    """The file of generated drawings; it is made anew only when champions, data or settings have changed."""
    amount = settings.model_dump(include={"generated", "attempts", "confidence", "seed"})
    key = lineage.digest([generator.hash, label_filter.hash, data.manifest.content_hash, amount])
    path = folder / f"{key[:12]}.npz"
    if not path.exists():
        labels = data.manifest.labels
        _print(f"{generator.version} makes up to {settings.generated} drawings of each of {len(labels)} labels")
        drawings = generate(
            Generator(generator.model(), generator.spec),
            LabelFilter(label_filter.model(), label_filter.spec.labels, settings.confidence),
            labels,
            settings.generated,
            settings.attempts,
            settings.seed,
        )
        exclude(drawings, image_hashes(data)).write(path)
    return path


def _run(experiment: Experiment, lock: Lock) -> None:
    """Run all trainings and compare them, in one MLflow run."""
    settings, states, registry = experiment.settings, experiment.job_states(), experiment.registry
    compared = settings.model_dump(mode="json", exclude={"workers", "register_challenger"})
    key = lineage.digest([compared, experiment.champions, [state.key for state in states.values()]])
    tags = {"mlflow.runName": f"augmentation {key[:12]}"}
    with open_run(registry.uri, registry.experiment("augment"), f"augment/{key}", tags) as run:
        own = {settings.classifier: experiment.classifier.model_dump(mode="json")}
        manifests = {name: prepared.manifest for name, prepared in experiment.data.items()}
        run.describe({"augment": {**compared, **experiment.champions}, **own}, manifests)
        comparisons = experiment.compare(experiment.train(states, run, lock, _print))
        _log_results(experiment, run, comparisons)
        if settings.register_challenger and generated_drawings_help(comparisons):
            train_challenger(experiment, run, lock, _print)


def _log_results(experiment: Experiment, run: Run, comparisons: list[Comparison]) -> None:
    """Write the results to the experiment's folder and to MLflow, and print them."""
    metric = experiment.classifier.gate.primary
    labels = experiment.data[experiment.mixed].manifest.labels
    content = as_json(comparisons, metric, GeneratedDrawings.read(experiment.generated), labels)
    tables = {
        "augmentation.json": json.dumps(content, indent=2).encode(),
        "augmentation.md": markdown(comparisons, metric).encode(),
    }
    pictures = {"augmentation.png": comparison_plot(comparisons, metric)}
    for name, file in (tables | pictures).items():
        write_atomically(experiment.folder / name, file)
    run.log_files("tables", tables)
    run.log_files("pictures", pictures)
    for each in comparisons:
        name, gain = f"gain_{size_as_text(each.size)}", each.difference
        run.log({name: gain.value, f"{name}_low": gain.low, f"{name}_high": gain.high})
    Console().print(comparison_table(comparisons, metric))
    _print("\n".join(each.recommendation() for each in comparisons))
    if generated_drawings_help(comparisons) and not experiment.settings.register_challenger:
        _print(NEXT_STEP)


def _print(text: str) -> None:
    Console(soft_wrap=True, highlight=False).print(text)
