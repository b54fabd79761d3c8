"""The interface of a classifier from elsewhere, compared with the contract of a family, in plain words."""

from dataclasses import dataclass
from typing import Self

from atelier.errors import BadInputError
from atelier.model_card import MODEL, ModelSpec, Tensor
from atelier.onnx.classifier_adaptation import ClassifierAdaptation
from atelier.onnx.foreign import ForeignModel
from atelier.onnx.image_layout import ImageLayout
from pipelines.adopt.interface import interface_differences, only_input, shape_text

PROBABILITY, ACTIVATION = "probability", "activation"
"""Units of the outputs that an adopted classifier gets."""


@dataclass(frozen=True)
class ClassifierContract:
    """What the family's models take and return."""

    spec: ModelSpec
    image: Tensor
    layout: ImageLayout
    probabilities: Tensor
    activations: Tensor | None

    @classmethod
    def of(cls, spec: ModelSpec) -> Self | None:
        """The contract in a family's spec; None where the family's models are no classifiers of images."""
        part = spec.parts.get(MODEL)
        layout = ImageLayout.of(part.inputs[0].shape) if part and len(part.inputs) == 1 else None
        outputs = {output.unit: output for output in part.outputs} if part else {}
        if part is None or layout is None or PROBABILITY not in outputs or outputs.keys() - {PROBABILITY, ACTIVATION}:
            return None
        return cls(spec, part.inputs[0], layout, outputs[PROBABILITY], outputs.get(ACTIVATION))


def compare(model: ForeignModel, contract: ClassifierContract) -> tuple[ClassifierAdaptation, list[str]]:
    """How to adapt the file's interface, and sentences about what differs. Ranges and scores must be measured.

    Raises
    ------
    BadInputError
        When it cannot be adapted; the message says what the file must have instead.
    """
    source, scores = only_input(model), _scores_output(model, contract)
    adaptation = ClassifierAdaptation(
        image=contract.image,
        probabilities=contract.probabilities,
        activations=contract.activations,
        source=source,
        scores_output=scores,
        layout=contract.layout,
        source_layout=_layout(model, contract),
    )
    return adaptation, list(_differences(model, adaptation))


def _layout(model: ForeignModel, contract: ClassifierContract) -> ImageLayout:
    source, wanted = model.inputs[0], contract.layout
    layout = ImageLayout.of(source.shape)
    if layout is None:
        raise BadInputError(
            f"The input {source.name} of {model.path} has the shape {shape_text(source)}, which is no batch of images "
            f"with 1 or 3 channels. The family's images are {wanted}."
        )
    if layout.channels < wanted.channels:
        raise BadInputError(f"{model.path} takes gray levels, but the family's images are {wanted}.")
    if not layout.fits(wanted):
        raise BadInputError(
            f"{model.path} takes images of {layout}, the family's are {wanted}. The size cannot be adapted without "
            "changing what the model sees: train or export it for this size."
        )
    return layout


def _scores_output(model: ForeignModel, contract: ClassifierContract) -> Tensor:
    """The output with the scores of the classes."""
    named = [output for output in model.outputs if output.name == contract.probabilities.name]
    found = named or [output for output in model.outputs if _is_scores(output)]
    if len(found) != 1:
        outputs = ", ".join(f"{output.name} {shape_text(output)}" for output in model.outputs)
        raise BadInputError(
            f"{model.path} has {'several outputs' if found else 'no output'} of the shape (batch, classes): {outputs}. "
            f"Export it with one, or name it {contract.probabilities.name}."
        )
    return found[0]


def _is_scores(output: Tensor) -> bool:
    return len(output.shape) >= 2 and all(axis == 1 for axis in output.shape[2:])


def _differences(model: ForeignModel, adaptation: ClassifierAdaptation) -> list[str]:
    names = {
        adaptation.source.name: adaptation.image.name,
        adaptation.scores_output.name: adaptation.probabilities.name,
    }
    size, activations = adaptation.size, adaptation.activations
    texts = [
        *interface_differences(model, adaptation.image, names, (adaptation.source_layout, adaptation.layout)),
        f"Size: it takes {adaptation.source_layout}, the family's images have any size; resized in the graph."
        if size
        else "",
        f"Output {activations.name}: it has none; what its last linear layer reads is used." if activations else "",
    ]
    return [text for text in texts if text]
