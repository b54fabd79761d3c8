"""Measure whether generated drawings help a classifier. It recommends; what is served is the gate's to decide."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from atelier.atomic_files import write_atomically
from atelier.data.prepared.dataset import SPLITS, PreparedData
from atelier.predictors.drawing_generator import Generator
from atelier.registry.models import Registry
from atelier.registry.tracking import lineage
from atelier.registry.tracking.run import Run, open_run
from atelier.settings import apply
from pipelines.augment.challenge import challenge, helps
from pipelines.augment.champions import Champion, champion
from pipelines.augment.comparison import Comparison
from pipelines.augment.experiment import Experiment, with_overrides
from pipelines.augment.generated import Filter, Generated, draw, without
from pipelines.augment.plot import comparison_plot
from pipelines.augment.settings import AugmentSettings
from pipelines.augment.tables import as_json, comparison_table, markdown
from pipelines.augment.training_run import size_name
from pipelines.lifecycle.families import family
from pipelines.processes.locks import Lock

_PATIENCE_S = 15.0
"""Workers whose parent was killed are gone within a second."""
NEXT_STEP = (
    "They help even at all real drawings. To let the gate decide, with the same --env: "
    "kedro run --pipelines augment --params augment.challenge=true, then kedro run --pipelines promote"
)


def augment(
    settings: AugmentSettings,
    parameters: dict[str, Any],
    tuned: dict[str, dict[str, Any]],
    registry: Registry,
    folder: Path,
    **data: PreparedData,
) -> None:
    """Train the classifier with and without generated drawings, compare, and say what to do.

    What was finished before is not trained again: a killed experiment goes on where it was.

    Raises
    ------
    BadInputError
        Before the first training: when there is no such family, one has no champion, or an override is not allowed.
    AtelierError
        When a training fails.
    """
    chosen = family(settings.classifier)
    family(settings.generator)  # raises for an unknown name
    classifier = apply(chosen.settings(parameters[settings.classifier]), tuned[settings.classifier])
    with_overrides(classifier, settings, settings.seeds[0])
    artist, critic = champion(registry, settings.generator), champion(registry, settings.classifier)
    folder.mkdir(parents=True, exist_ok=True)
    with Lock(folder / "augment.lock", _PATIENCE_S) as lock:
        experiment = Experiment(
            settings=settings,
            classifier=classifier,
            data={name: data[name] for name in chosen.data},
            generated=_drawn(settings, data[chosen.data[0]], artist, critic, folder / "generated"),
            champions={"generator": artist.version, "filter": critic.version},
            folder=folder,
            uri=registry.uri,
        )
        _run(experiment, lock)


def _drawn(settings: AugmentSettings, data: PreparedData, artist: Champion, critic: Champion, folder: Path) -> Path:
    """The file of generated drawings; where the same were drawn before, that one."""
    amount = settings.model_dump(include={"generated", "attempts", "confidence", "seed"})
    path = folder / f"{lineage.digest([artist.hash, critic.hash, data.manifest.content_hash, amount])[:12]}.npz"
    if not path.exists():
        labels = data.manifest.labels
        _say(f"{artist.version} draws up to {settings.generated} of each of {len(labels)} labels")
        generated = draw(
            Generator(artist.model(), artist.spec),
            Filter(critic.model(), critic.spec.labels, settings.confidence),
            labels,
            settings.generated,
            settings.attempts,
            settings.seed,
        )
        without(generated, np.concatenate([data.split(name)["id"][:] for name in SPLITS])).write(path)
    return path


def _run(experiment: Experiment, lock: Lock) -> None:
    """The experiment's MLflow run, from its first training to its table."""
    settings, states = experiment.settings, experiment.states()
    asked = settings.model_dump(mode="json", exclude={"workers", "challenge"})
    key = lineage.digest([asked, experiment.champions, [state.key for state in states.values()]])
    name = {"mlflow.runName": f"augmentation {key[:12]}"}
    with open_run(experiment.uri, "atelier/augment", f"augment/{key}", name) as run:
        own = {settings.classifier: experiment.classifier.model_dump(mode="json")}
        manifests = {name: prepared.manifest for name, prepared in experiment.data.items()}
        run.describe({"augment": {**asked, **experiment.champions}, **own}, manifests)
        found = experiment.compare(experiment.train(states, run, lock, _say))
        _conclude(experiment, run, found)
        if settings.challenge and helps(found):
            challenge(experiment, run, lock, _say)


def _conclude(experiment: Experiment, run: Run, found: list[Comparison]) -> None:
    """Keep what was found, in the experiment's folder and in MLflow, and print it."""
    metric = experiment.classifier.gate.primary
    labels = experiment.data[experiment.mixed].manifest.labels
    content = as_json(found, metric, Generated.read(experiment.generated), labels)
    tables = {
        "augmentation.json": json.dumps(content, indent=2).encode(),
        "augmentation.md": markdown(found, metric).encode(),
    }
    pictures = {"augmentation.png": comparison_plot(found, metric)}
    for name, file in (tables | pictures).items():
        write_atomically(experiment.folder / name, file)
    run.log_files("tables", tables)
    run.log_files("pictures", pictures)
    for row in found:
        name, gain = f"gain_{size_name(row.size)}", row.difference
        run.log({name: gain.value, f"{name}_low": gain.low, f"{name}_high": gain.high})
    Console().print(comparison_table(found, metric))
    _say("\n".join(row.recommendation() for row in found))
    if helps(found) and not experiment.settings.challenge:
        _say(NEXT_STEP)


def _say(line: str) -> None:
    Console(soft_wrap=True, highlight=False).print(line)
