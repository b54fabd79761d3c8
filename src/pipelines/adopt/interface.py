"""The interface of a classifier from elsewhere, compared with the contract of a family, in plain words."""

from dataclasses import dataclass

from atelier.errors import BadInputError
from atelier.model_card import MODEL, ModelSpec, Tensor
from atelier.onnx.adaptation import Adaptation
from atelier.onnx.foreign import ForeignModel
from atelier.onnx.image_layout import ImageLayout

PROBABILITY, ACTIVATION = "probability", "activation"
"""Units of the outputs that an adopted classifier gets."""


@dataclass(frozen=True)
class Contract:
    """What the family's models take and return."""

    spec: ModelSpec
    image: Tensor
    layout: ImageLayout
    probabilities: Tensor
    activations: Tensor | None

    @classmethod
    def of(cls, family: str, spec: ModelSpec | None) -> "Contract":
        """The contract in a family's spec.

        Raises
        ------
        BadInputError
            When the family cannot adopt models.
        """
        part = spec.parts.get(MODEL) if spec else None
        layout = ImageLayout.of(part.inputs[0].shape) if part and len(part.inputs) == 1 else None
        outputs = {output.unit: output for output in part.outputs} if part else {}
        if (
            spec is None
            or part is None
            or layout is None
            or PROBABILITY not in outputs
            or outputs.keys() - {PROBABILITY, ACTIVATION}
        ):
            raise BadInputError(
                f"{family} cannot adopt models: only classifiers of images can be adopted, whose family has a function "
                "`contract` in export.py."
            )
        return cls(spec, part.inputs[0], layout, outputs[PROBABILITY], outputs.get(ACTIVATION))


def compare(model: ForeignModel, contract: Contract) -> tuple[Adaptation, list[str]]:
    """How to adapt the file's interface, and sentences about what differs. Ranges and scores must be measured.

    Raises
    ------
    BadInputError
        When it cannot be adapted; the message says what the file must have instead.
    """
    if len(model.inputs) != 1:
        names = ", ".join(tensor.name for tensor in model.inputs)
        raise BadInputError(f"{model.path} has {len(model.inputs)} inputs ({names}), the family's models have one.")
    source, scores = model.inputs[0], _scores_output(model, contract)
    adaptation = Adaptation(
        image=contract.image,
        probabilities=contract.probabilities,
        activations=contract.activations,
        source=source,
        scores_output=scores,
        layout=contract.layout,
        source_layout=_layout(model, contract),
    )
    return adaptation, list(_differences(model, adaptation))


def _layout(model: ForeignModel, contract: Contract) -> ImageLayout:
    source, wanted = model.inputs[0], contract.layout
    layout = ImageLayout.of(source.shape)
    if layout is None:
        raise BadInputError(
            f"The input {source.name} of {model.path} has the shape {_shape(source)}, which is no batch of images with "
            f"1 or 3 channels. The family's images are {wanted}."
        )
    if layout.channels < wanted.channels:
        raise BadInputError(f"{model.path} takes gray levels, but the family's images are {wanted}.")
    if not layout.fits(wanted):
        raise BadInputError(
            f"{model.path} takes images of {layout}, the family's are {wanted}. The size cannot be adapted without "
            "changing what the model sees: train or export it for this size."
        )
    return layout


def _scores_output(model: ForeignModel, contract: Contract) -> Tensor:
    """The output with the scores of the classes."""
    named = [output for output in model.outputs if output.name == contract.probabilities.name]
    found = named or [output for output in model.outputs if _is_scores(output)]
    if len(found) != 1:
        outputs = ", ".join(f"{output.name} {_shape(output)}" for output in model.outputs)
        raise BadInputError(
            f"{model.path} has {'several outputs' if found else 'no output'} of the shape (batch, classes): {outputs}. "
            f"Export it with one, or name it {contract.probabilities.name}."
        )
    return found[0]


def _is_scores(output: Tensor) -> bool:
    return len(output.shape) >= 2 and all(axis == 1 for axis in output.shape[2:])


def _differences(model: ForeignModel, adaptation: Adaptation) -> list[str]:
    image, source = adaptation.image, adaptation.source
    layouts = (adaptation.source_layout, adaptation.layout)
    scores, activations = adaptation.scores_output.name, adaptation.activations
    names = {source.name: image.name, scores: adaptation.probabilities.name}
    renamed = [f"{old} becomes {new}" for old, new in names.items() if old != new]
    texts = [
        f"Names: {', '.join(renamed)}." if renamed else "",
        f"Layout: it takes {layouts[0]}, the family's images are {layouts[1]}; converted in the graph."
        if layouts[0].axes != layouts[1].axes or layouts[0].channels != layouts[1].channels
        else "",
        f"Size: it takes {layouts[0]}, the family's images have any size; resized in the graph."
        if adaptation.size
        else "",
        f"Type: it takes {source.dtype}, the family's images are {image.dtype}; converted in the graph."
        if source.dtype != image.dtype
        else "",
        f"Batch: it takes batches of {model.fixed_batch} only; the graph is changed to take any number."
        if model.fixed_batch is not None
        else "",
        f"Output {activations.name}: it has none; what its last linear layer reads is used." if activations else "",
    ]
    return [text for text in texts if text]


def _shape(tensor: Tensor) -> str:
    return f"({', '.join(map(str, tensor.shape))})"
