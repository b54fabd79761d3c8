"""Registration: an exported and evaluated model becomes a version with the alias `challenger`."""

import json
from collections.abc import Mapping
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from atelier.atomic_files import digest
from atelier.errors import AtelierError
from atelier.evaluation.results import Evaluation
from atelier.model_card import MODEL, ModelCard, PartSpec, Tensor
from atelier.onnx.example import small_inputs
from atelier.registry.card_page import card_page
from atelier.registry.models import Registry
from atelier.registry.status import status
from atelier.registry.tracking import backend, downloads
from atelier.registry.tracking.run import Run
from atelier.registry.version import FILES, PARTS, VERDICT, Version


def register(
    registry: Registry,
    run: Run,
    files: Mapping[str, Path],
    card: ModelCard,
    evaluation: Evaluation,
    test_hash: str,
) -> Version:
    """Register a model as its family's next version, with the alias `challenger`.

    A version is identified by its files. Calling the function again with the same files returns the same version: the
    next process finishes what a killed one began. Other files are another version, also those of a training that was
    repeated with the same parameters, data and code.

    Parameters
    ----------
    run
        The run of the lifecycle, in the tracking store of the registry.
    files
        Part → its ONNX file. What MLflow stores is read back and compared with it before the version is made.
    card
        With its lineage and without a version.
    evaluation
        Results on the test items, from the ONNX file.
    test_hash
        `lineage.test_hash` of the data, judges and settings of the evaluation.

    Raises
    ------
    AtelierError
        When the files are not those of the card's parts, or MLflow gives back another model than it was given.
        Nothing is registered then.
    """
    if files.keys() != card.spec.parts.keys():
        raise AtelierError(
            f"The card of {card.family} has the parts {', '.join(card.spec.parts)}, the files are {', '.join(files)}."
        )
    hashes = {part: digest(path, "sha256") for part, path in files.items()}
    version = _with_files(registry, card.family, run.run_id, hashes)
    if version is None:
        run.log_evaluation(evaluation)
        registry.store_evaluation(run.run_id, test_hash, evaluation)
        page = card_page(card)
        run.log_files("", {"card.json": card.model_dump_json(indent=2).encode(), "README.md": page.encode()})
        version = _create(registry, card, run, _logged_parts(registry, run, files, card, hashes), hashes)
    if VERDICT not in version.tags or version.run_id != run.run_id:  # else its name says what the gate decided
        run.set_tag("mlflow.runName", f"v{version.number}")
    if VERDICT not in version.tags or status(registry, card.family).champion is None:
        registry.set_alias(version, "challenger")
    return version


def is_registered(registry: Registry, version: Version) -> bool:
    """Whether the registry has this version, made by the same run, and a champion or a challenger of its family.

    Without either, the version must be registered again: then it becomes challenger, and the gate decides about it.
    """
    found = status(registry, version.family)
    return found.runs.get(version.number) == version.run_id and bool(found.champion or found.challenger)


def _with_files(registry: Registry, family: str, run_id: str, hashes: Mapping[str, str]) -> Version | None:
    """The version with these files. One from before there were hashes is identified by its run."""
    same = (
        version
        for version in registry.history(family)
        if version.tags.get(FILES) == as_tag(hashes) or (FILES not in version.tags and version.run_id == run_id)
    )
    return next((version for version in same if registry.is_complete(version)), None)


def as_tag(content: Mapping[str, str]) -> str:
    """A mapping as the value of a tag."""
    return json.dumps(dict(content), sort_keys=True)


def _create(
    registry: Registry, card: ModelCard, run: Run, parts: Mapping[str, str], hashes: Mapping[str, str]
) -> Version:
    client, name = registry.client, registry.name(card.family)
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name, description=card.spec.intended_use)
    tags = {PARTS: as_tag(parts), FILES: as_tag(hashes), "git.commit": card.lineage.git_commit}
    tags |= {f"data.{name}": content_hash for name, content_hash in card.lineage.data.items()}
    tags |= {f"judge.{family}": number for family, number in card.lineage.judges.items()}
    model_id = next(iter(parts.values()))  # MLflow links one logged model; the tag has all of them
    with backend.tracking(run.uri):  # `models:/` is looked up at the process-wide URI, not at the client's
        made = client.create_model_version(name, f"models:/{model_id}", run.run_id, tags, model_id=model_id)
    registered = {"mlflow.modelVersions": json.dumps([{"name": name, "version": int(made.version)}])}
    for part in parts.values():  # so that the page of a logged model links to the version, which a server does itself
        client.set_logged_model_tags(part, registered)
    return registry.version(card.family, int(made.version))


def _logged_parts(
    registry: Registry, run: Run, files: Mapping[str, Path], card: ModelCard, hashes: Mapping[str, str]
) -> dict[str, str]:
    """Part → id of the MLflow model that holds it. What a killed process left incomplete is deleted."""
    known = run.tag_of(PARTS)
    if known is not None and run.tag_of(FILES) in (None, as_tag(hashes)):
        return dict(json.loads(known))
    used = {model_id for version in registry.history(card.family) for model_id in version.model_ids}
    for leftover in run.client.search_logged_models([run.experiment_id], f"source_run_id = '{run.run_id}'"):
        if leftover.model_id not in used:
            run.client.delete_logged_model(leftover.model_id)
    logged = {part: _log_model(run, part, path, card) for part, path in files.items()}
    run.set_tag(FILES, as_tag(hashes))  # first: without it, what PARTS names would count as that of these files
    run.set_tag(PARTS, as_tag(logged))
    return logged


def _log_model(run: Run, part: str, path: Path, card: ModelCard) -> str:
    """Log one part as an MLflow model and read it back; its id."""
    import mlflow.onnx
    from onnx import load

    name = card.family if part == MODEL else f"{card.family}-{part}"
    with backend.tracking(run.uri):
        made = run.client.create_logged_model(run.experiment_id, name, run.run_id)
        mlflow.onnx.log_model(
            load(path),
            name=name,
            model_id=made.model_id,
            run_id=run.run_id,
            signature=signature(card.spec.parts[part]),
            input_example=small_inputs(card.spec.parts[part], card.spec.typical_sizes),
            onnx_execution_providers=["CPUExecutionProvider"],  # the default warns where there is no GPU
            save_as_external_data=False,  # True, the default, takes the weights out of the model in memory
            pip_requirements=[f"{name}=={installed(name)}" for name in ("numpy", "onnx", "onnxruntime")],
        )
        with downloads.block_folder(made.artifact_location) as target:
            stored = mlflow.onnx.load_model(f"models:/{made.model_id}", dst_path=target)
        if stored != load(path):
            raise AtelierError(
                f"MLflow gave back another model than {path.name} of {card.family}. Nothing was registered. "
                f"Is there space where {run.uri} keeps its artifacts?"
            )
    return str(made.model_id)


def signature(part: PartSpec) -> Any:
    """MLflow's signature of a part: names, types and shapes, a dynamic axis as -1."""
    import numpy as np
    from mlflow.models import ModelSignature
    from mlflow.types import Schema, TensorSpec

    def schema(tensors: tuple[Tensor, ...]) -> Any:
        shapes = (tuple(axis if isinstance(axis, int) else -1 for axis in tensor.shape) for tensor in tensors)
        return Schema([TensorSpec(np.dtype(t.dtype), shape, t.name) for t, shape in zip(tensors, shapes, strict=True)])

    return ModelSignature(inputs=schema(part.inputs), outputs=schema(part.outputs))
