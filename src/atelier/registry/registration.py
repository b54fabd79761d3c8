"""From an exported and evaluated model to a version with the alias `challenger`."""

from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from atelier.errors import AtelierError
from atelier.evaluation.results import Evaluation
from atelier.model_card import ModelCard, ModelSpec, Tensor
from atelier.registry.models import JUDGED, Registry, Version
from atelier.registry.tracking import backend
from atelier.registry.tracking.run import Run

LOGGED = "atelier.model"
"""Run tag: the logged model that was read back and found equal to the file."""


def register(run: Run, onnx: Path, card: ModelCard, evaluation: Evaluation, test_hash: str) -> Version:
    """Register a model as its family's next version and name it `challenger`.

    Doing it again for the same run returns the same version: a process killed anywhere in here is finished by the next.

    Parameters
    ----------
    onnx
        The ONNX file; what MLflow stores is read back and compared with it before the version is made.
    card
        With its lineage and without a version.
    evaluation
        Results on the test items, from the ONNX file.
    test_hash
        `lineage.test_hash` of what it was evaluated under.

    Raises
    ------
    AtelierError
        When MLflow gives back another model than it was given. Nothing is registered then.
    """
    registry = Registry(run.uri, run.client)
    version = _of_run(registry, card.family, run.run_id)
    if version is None:
        run.log_evaluation(evaluation)
        registry.store_evaluation(run.run_id, test_hash, evaluation)
        run.log_files("", {"card.json": card.model_dump_json(indent=2).encode()})
        version = _create(registry, card, run, _logged(run, onnx, card))
    if JUDGED not in version.tags:
        registry.set_alias(version, "challenger")
    return version


def _of_run(registry: Registry, family: str, run_id: str) -> Version | None:
    return next((version for version in registry.history(family) if version.run_id == run_id), None)


def _create(registry: Registry, card: ModelCard, run: Run, model_id: str) -> Version:
    client = registry.client
    if not client.search_registered_models(f"name = '{card.family}'"):
        client.create_registered_model(card.family, description=card.spec.intended_use)
    tags = {"git.commit": card.lineage.git_commit}
    tags |= {f"data.{name}": content_hash for name, content_hash in card.lineage.data.items()}
    tags |= {f"judge.{family}": number for family, number in card.lineage.judges.items()}
    with backend.tracking(run.uri):  # the client looks `models:/` up at the process-wide URI, not at its own
        made = client.create_model_version(card.family, f"models:/{model_id}", run.run_id, tags, model_id=model_id)
    return registry.version(card.family, int(made.version))


def _logged(run: Run, onnx: Path, card: ModelCard) -> str:
    """Id of the run's logged model, which was read back; what a killed process left half-written is deleted."""
    known = run.tag_of(LOGGED)
    if known is not None:
        return known
    for leftover in run.client.search_logged_models([run.experiment_id], f"source_run_id = '{run.run_id}'"):
        run.client.delete_logged_model(leftover.model_id)
    model_id = _log_model(run, onnx, card)
    run.set_tag(LOGGED, model_id)
    return model_id


def _log_model(run: Run, onnx: Path, card: ModelCard) -> str:
    import mlflow.onnx
    from onnx import load

    model = load(onnx)
    with backend.tracking(run.uri):
        made = run.client.create_logged_model(run.experiment_id, card.family, run.run_id)
        mlflow.onnx.log_model(
            model,
            name=card.family,
            model_id=made.model_id,
            run_id=run.run_id,
            signature=signature(card.spec),
            save_as_external_data=False,  # True, the default, takes the weights out of `model`
            pip_requirements=[f"{name}=={installed(name)}" for name in ("numpy", "onnx", "onnxruntime")],
        )
        if mlflow.onnx.load_model(f"models:/{made.model_id}") != load(onnx):
            raise AtelierError(
                f"MLflow gave back another model than {onnx.name} of {card.family}. Nothing was registered. "
                f"Is there space where {run.uri} keeps its artifacts?"
            )
    return str(made.model_id)


def signature(spec: ModelSpec) -> Any:
    """MLflow's signature of a model: names, types and shapes, a dynamic axis as -1."""
    import numpy as np
    from mlflow.models import ModelSignature
    from mlflow.types import Schema, TensorSpec

    def schema(tensors: tuple[Tensor, ...]) -> Any:
        shapes = (tuple(axis if isinstance(axis, int) else -1 for axis in tensor.shape) for tensor in tensors)
        return Schema([TensorSpec(np.dtype(t.dtype), shape, t.name) for t, shape in zip(tensors, shapes, strict=True)])

    return ModelSignature(inputs=schema(spec.inputs), outputs=schema(spec.outputs))
