"""What the registry and the run know about one version: card, parameters, data, results, duration."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import yaml

from atelier.evaluation.drift import Statistic, image_statistics
from atelier.evaluation.results import Evaluation
from atelier.model_card import ModelCard
from atelier.registry.models import Registry
from atelier.registry.tracking import address, downloads, entities
from atelier.registry.tracking.run import Run
from atelier.registry.version import Version
from atelier.settings import Settings

STATISTICS = "data_statistics.json"
"""Artifact of a run: data set → statistic → its distribution over the training split."""
PROCESSOR_TIME = "cpu_s"
"""Metric of a run: processor time of an epoch of the training, in seconds, over all cores."""
_PARAMETERS = "parameters.yml"


class DataFacts(Settings):
    """One data set as a version was trained on it."""

    counts: dict[str, dict[str, int]]
    """Split → label → number of items."""
    rejected: dict[str, int]
    """Reason → number of items that were left out."""
    hashes: dict[str, str]
    """`content`, `test split`, `DVC`: hashes."""
    source: str
    statistics: dict[str, Statistic]
    """Statistic → its distribution over the training split; empty for versions from before they were logged."""


@dataclass(frozen=True)
class VersionFacts:
    """Everything that a report says about one version."""

    version: Version
    card: ModelCard
    aliases: tuple[str, ...]
    parameters: Mapping[str, str]
    """Dotted path → value as text."""
    data: Mapping[str, DataFacts]
    test_hash: str | None
    """Beginning of the hash of the test items behind `evaluation`."""
    evaluation: Evaluation | None
    """Results on the test items that most versions of the report have in common."""
    minutes: float | None
    """From the start of the run to its end."""
    processor_minutes: float | None
    """Processor time of the training, over all cores; None where it was not logged."""
    machine: str
    link: str
    """Address of the run's page in MLflow."""

    @property
    def name(self) -> str:
        """`v4`, with its aliases: `v4 (challenger)`."""
        return f"v{self.version.number}" + (f" ({', '.join(self.aliases)})" if self.aliases else "")


def log_statistics(run: Run, images: Mapping[str, Any]) -> None:
    """Log statistics of the training images with a run, for reports on drift.

    Parameters
    ----------
    images
        Data set → images of its training split, as for `image_statistics`.
    """
    found = {
        name: {statistic: value.model_dump() for statistic, value in image_statistics(each).items()}
        for name, each in images.items()
    }
    run.log_files("", {STATISTICS: json.dumps(found).encode()})


def read(registry: Registry, versions: Iterable[Version]) -> list[VersionFacts]:
    """Read what is known about some versions of a family.

    Raises
    ------
    MissingRunError
        When the run of one was deleted.
    """
    versions = list(versions)
    tested = [_test_hashes(registry, version) for version in versions]
    shared = Counter(test_hash for own in tested for test_hash in own)
    aliases = registry.aliases(versions[0].family) if versions else {}
    return [
        _read(registry, version, max(own, key=lambda each: shared[each], default=None), aliases)
        for version, own in zip(versions, tested, strict=True)
    ]


def _test_hashes(registry: Registry, version: Version) -> list[str]:
    """Beginnings of the hashes of the test items on which a version was evaluated."""
    with registry.reading(version):
        folders = registry.client.list_artifacts(version.run_id, "evaluations")
    return sorted(PurePosixPath(found.path).name for found in folders)


def _read(registry: Registry, version: Version, test_hash: str | None, aliases: Mapping[str, int]) -> VersionFacts:
    with registry.reading(version):
        run = registry.client.get_run(version.run_id)
        files = {found.path for found in registry.client.list_artifacts(version.run_id)}
    statistics = json.loads(_text(registry, version, STATISTICS)) if STATISTICS in files else {}
    parameters = dict(run.data.params)
    if _PARAMETERS in files:
        everything = yaml.safe_load(_text(registry, version, _PARAMETERS))
        parameters |= {each.key: each.value for each in entities.params(everything)}
    ended = run.info.end_time
    return VersionFacts(
        version=version,
        card=registry.card(version),
        aliases=tuple(alias for alias, number in aliases.items() if number == version.number),
        parameters=parameters,
        data={
            each.dataset.name: _data(each, statistics.get(each.dataset.name, {})) for each in run.inputs.dataset_inputs
        },
        test_hash=test_hash,
        evaluation=registry.evaluation(version, test_hash) if test_hash else None,
        minutes=(ended - run.info.start_time) / 60_000 if ended else None,
        processor_minutes=_processor_minutes(registry, version),
        machine=f"{run.data.tags.get('machine.cores', '?')} x {run.data.tags.get('machine.cpu', 'unknown')}",
        link=_link(registry.uri, run.info.experiment_id, version.run_id),
    )


def _processor_minutes(registry: Registry, version: Version) -> float | None:
    epochs = registry.client.get_metric_history(version.run_id, PROCESSOR_TIME)
    return sum(each.value for each in epochs) / 60 if epochs else None


def _data(entry: Any, statistics: Mapping[str, Any]) -> DataFacts:
    """A data set from the run's inputs, as `Run.log_data` writes them."""
    tags = {tag.key: tag.value for tag in entry.tags}
    profile = json.loads(entry.dataset.profile)
    names = {"content": "content.hash", "test split": "test.hash", "DVC": "dvc.hash"}
    source = json.loads(entry.dataset.source)
    return DataFacts(
        counts=profile["counts"],
        rejected=profile["rejected"],
        hashes={name: tags.get(key, "") for name, key in names.items()},
        source=f"{entry.dataset.source_type}: {source['uri']}",
        statistics={name: Statistic.model_validate(value) for name, value in statistics.items()},
    )


def _text(registry: Registry, version: Version, path: str) -> str:
    with downloads.run_artifact(registry.client, version.run_id, path) as file:
        return file.read_text(encoding="utf-8")


def _link(uri: str, experiment: str, run_id: str) -> str:
    server = uri if address.is_server(uri) else "http://localhost:5000"
    return f"{server.rstrip('/')}/#/experiments/{experiment}/runs/{run_id}"
