"""A model that was trained elsewhere is checked, adapted, evaluated and registered as a challenger."""

from pathlib import Path
from typing import Any

from rich.console import Console

from atelier.atomic_files import digest
from atelier.errors import BadInputError
from atelier.model_card import Adoption
from atelier.onnx.model_files import model_digest
from atelier.registry.models import Registry
from atelier.registry.status import status
from atelier.registry.version import Version
from pipelines.adopt.adopted import Adopted, adapt
from pipelines.adopt.interface import Contract
from pipelines.adopt.keras_file import as_onnx, is_keras
from pipelines.adopt.registering import evaluate_and_register
from pipelines.lifecycle import families, judges
from pipelines.lifecycle.contracts import TrainingInput


def adopt(
    family: str | None,
    onnx: str | None,
    labels: str | None,
    name: str | None,
    pixels: str | None,
    parameters: dict[str, Any],
    registry: Registry,
    folder: Path,
    **available: TrainingInput,
) -> None:
    """Register an ONNX file as a challenger of a family. What differs from the family is adapted in its graph.

    Parameters
    ----------
    onnx, labels
        Paths of the model, an ONNX or a `.keras` file, and of a text file with the names of its outputs, one a line.
    name
        What the model is called; the file's name by default.
    pixels
        The range of values that it takes, such as `0 to 1`. It is measured by default.
    folder
        The adapted file is kept in `<folder>/<family>/<beginning of the file's hash>/`.

    Raises
    ------
    BadInputError
        When the family cannot adopt models, or the model cannot be adapted; the message says what to change.
    """
    entry, known = families.family(family), str(family)
    settings, inputs = entry.settings(parameters[known]), entry.inputs(available)
    contract = Contract.of(known, entry.contract(inputs, settings))
    if onnx is None:
        raise BadInputError(
            "Give the exported model and its labels: --params onnx=path/model.onnx,labels=path/labels.txt"
        )
    registry.check(known)
    judges.champions(registry, known)  # fail now if a judge is missing
    path, labels_path = Path(str(onnx)), None if labels is None else Path(str(labels))
    sha256 = _sha256(path)
    place = folder / known / sha256[:12]
    adopted = adapt(entry, inputs, contract, as_onnx(path, place), labels_path, pixels)
    origin = Adoption(sha256=sha256, name=str(name or path.name), differences=adopted.differences)
    _print(f"{path} as {known}:")
    for text in adopted.differences or ("It has the family's interface; nothing is adapted.",):
        _print(f"  {text}")
    version = evaluate_and_register(adopted, origin, known, settings, inputs, registry, place)
    _print_result(registry, version, adopted, settings.gate.primary)


def _sha256(path: Path) -> str:
    """Of the file as it came, with the files of its weights; empty where there is none."""
    if not path.is_file():
        return ""
    return digest(path, "sha256") if is_keras(path) else model_digest(path)


def _print_result(registry: Registry, version: Version, adopted: Adopted, primary: str) -> None:
    metric = registry.card(version).metrics[primary]
    _print(
        f"{version} on today's test split: {primary} {metric.value:.4f} ({metric.low:.4f} to {metric.high:.4f}), "
        f"largest difference to the file as it came {adopted.parity:.1g}."
    )
    challenger = status(registry, version.family).challenger
    if challenger and challenger.number == version.number:
        _print(
            "It is registered as challenger. Send it through the gate, with the same --env: "
            f"kedro run --pipelines promote --nodes promote.{version.family}"
        )
    else:
        verdict = version.verdict()
        _print(f"It was registered before, and the gate has decided: {verdict.sentence() if verdict else 'champion'}")


def _print(text: str) -> None:
    Console(soft_wrap=True, highlight=False).print(text, markup=False)
