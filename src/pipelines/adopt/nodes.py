"""A model that was trained elsewhere is checked, adapted, evaluated and registered as a challenger."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from atelier.data.prepared.dataset import PreparedData
from atelier.errors import BadInputError
from atelier.model_card import MODEL, Adoption, ModelSpec
from atelier.registry.models import Registry
from atelier.registry.status import status
from atelier.registry.version import Version
from pipelines.adopt.adopted import Adopted
from pipelines.adopt.classifier_interface import ClassifierContract
from pipelines.adopt.classifiers import adapt_classifier
from pipelines.adopt.files import as_onnx, files_digest, model_paths
from pipelines.adopt.ranges import ranges_named
from pipelines.adopt.registering import evaluate_and_register
from pipelines.adopt.translators import RGB_RANGES, adapt_translator, is_translator
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
    onnx
        Path of the model, an ONNX or a `.keras` file; of a model with several parts, of a folder with a file for each.
    labels
        For classifiers: path of a text file with the names of the outputs, one a line.
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
    contract = _contract(known, entry.contract(inputs, settings))
    files = model_paths(onnx, contract.parts)
    registry.check(known)
    judges.champions(registry, known)  # fail now if a judge is missing
    sha256 = files_digest(files)
    place = folder / known / sha256[:12]
    data = inputs.named()[entry.data[0]]
    assert isinstance(data, PreparedData)
    adopted = _adapt(contract, data, {part: as_onnx(path, place, part) for part, path in files.items()}, labels, pixels)
    origin = Adoption(sha256=sha256, name=str(name or Path(str(onnx)).name), differences=adopted.differences)
    _print(f"{onnx} as {known}:")
    for text in adopted.differences or ("It has the family's interface; nothing is adapted.",):
        _print(f"  {text}")
    version = evaluate_and_register(adopted, origin, known, settings, inputs, registry, place)
    _print_result(registry, version, settings.gate.primary)


def _contract(family: str, spec: ModelSpec | None) -> ModelSpec:
    if spec is None or not (is_translator(spec) or ClassifierContract.of(spec)):
        raise BadInputError(
            f"{family} cannot adopt models: only classifiers of images and networks that turn images into images can "
            "be adopted, whose family has a function `contract` in export.py."
        )
    return spec


def _adapt(
    spec: ModelSpec, data: PreparedData, files: Mapping[str, Path], labels: str | None, pixels: str | None
) -> Adopted:
    """Adapt the files to the contract of a family."""
    classifier = ClassifierContract.of(spec)
    if classifier:
        path = None if labels is None else Path(str(labels))
        return adapt_classifier(classifier, data, files[MODEL], path, ranges_named(pixels))
    if labels is not None:
        raise BadInputError("A network that returns images has no labels. Leave out labels=….")
    return adapt_translator(spec, data, files, ranges_named(pixels, RGB_RANGES))


def _print_result(registry: Registry, version: Version, primary: str) -> None:
    metric = registry.card(version).metrics[primary]
    _print(
        f"{version} on today's test split: {primary} {metric.value:.4f} ({metric.low:.4f} to {metric.high:.4f}), "
        f"largest difference to the file as it came {registry.card(version).largest_parity:.1g}."
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
