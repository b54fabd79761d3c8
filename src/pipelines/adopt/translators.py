"""A network from elsewhere that turns images into images is adapted to a family of such networks."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atelier.data.prepared.dataset import PreparedData
from atelier.errors import BadInputError
from atelier.model_card import ModelSpec, PartSpec
from atelier.onnx.foreign import ForeignModel
from atelier.onnx.image_layout import ANY_RGB, ImageLayout
from atelier.onnx.model import OnnxModel
from atelier.onnx.pixel_range import RANGES, PixelRange
from atelier.onnx.translator_adaptation import TranslatorAdaptation
from pipelines.adopt.adopted import UNKNOWN_DATA, Adopted, adapted_graph, parity
from pipelines.adopt.interface import interface_differences, only_input, shape_text
from pipelines.adopt.ranges import best_range, range_text
from pipelines.adopt.sizes import smallest_multiple

RGB_RANGES = RANGES[:3]
"""The ranges of RGB images."""
ITEMS = 8
"""Number of validation images on which the ranges are measured."""
BATCHES = (1, 2)
"""Batch sizes for which the adapted file is compared with the one that came."""


def is_translator(spec: ModelSpec) -> bool:
    """Whether each part of a family's models turns RGB images of any size into such images."""
    return all(_is_part_of_translator(part) for part in spec.parts.values())


def adapt_translator(
    spec: ModelSpec, data: PreparedData, files: Mapping[str, Path], ranges: Sequence[PixelRange]
) -> Adopted:
    """Adapt one ONNX file for each part to the contract of a family.

    Parameters
    ----------
    spec
        The contract.
    data
        Its validation images tell what the files do not say.
    files
        Part → ONNX file.
    ranges
        Those that the files may take.

    Raises
    ------
    BadInputError
        When that is not possible; the message says what to change.
    """
    images = data.split("val")["image"][:ITEMS].astype(np.float32)
    models = {part: ForeignModel.read(path) for part, path in files.items()}
    contents, differences, found = {}, {}, []
    for part, model in models.items():
        adaptation, texts = _adaptation(model, spec.parts[part], images, ranges)
        contents[part] = adapted_graph(model, adaptation)
        inputs = {adaptation.image.name: images[:, :-3, :-1]}  # a size that must be padded
        differences[part] = parity(model, adaptation, contents[part], inputs, BATCHES)
        found += [f"{part}: {text}" if len(models) > 1 else text for text in texts]
    return Adopted(
        contents=contents,
        spec=spec.model_copy(update={"limits": f"{spec.limits} {UNKNOWN_DATA}"}),
        parity=differences,
        parameters=sum(model.parameters for model in models.values()),
        differences=tuple(found),
    )


def _is_part_of_translator(part: PartSpec) -> bool:
    tensors = (*part.inputs, *part.outputs)
    return len(part.inputs) == len(part.outputs) == 1 and all(
        ImageLayout.of(tensor.shape) == ANY_RGB for tensor in tensors
    )


def _adaptation(
    model: ForeignModel, part: PartSpec, images: NDArray[np.float32], ranges: Sequence[PixelRange]
) -> tuple[TranslatorAdaptation, list[str]]:
    """How to adapt a file, and sentences about what differs."""
    source, source_layout = only_input(model), _source_layout(model)
    multiple, result, result_layout = smallest_multiple(model, source_layout, part.outputs[0].name)
    adaptation = TranslatorAdaptation(
        image=part.inputs[0],
        picture=part.outputs[0],
        source=source,
        result=result,
        source_layout=source_layout,
        result_layout=result_layout,
        multiple=multiple,
    )
    names = {source.name: adaptation.image.name, result.name: adaptation.picture.name}
    texts = [*interface_differences(model, adaptation.image, names, (source_layout, ANY_RGB))]
    if multiple > 1:
        texts.append(f"Size: it takes multiples of {multiple} pixels; padded and cropped in the graph.")
    adaptation, range_texts = _with_ranges(model, adaptation, images, ranges)
    return adaptation, [*texts, *range_texts]


def _source_layout(model: ForeignModel) -> ImageLayout:
    source = only_input(model)
    layout = ImageLayout.of(source.shape)
    if layout is None or layout.channels != 3:
        raise BadInputError(
            f"The input {source.name} of {model.path} has the shape {shape_text(source)}, which is no batch of RGB "
            "images. The family's models turn RGB images into RGB images."
        )
    if layout.size != (None, None):
        raise BadInputError(
            f"{model.path} takes images of {layout}, the family's have any size. Export it with dynamic height and "
            "width."
        )
    return layout


def _with_ranges(
    model: ForeignModel, adaptation: TranslatorAdaptation, images: NDArray[np.float32], ranges: Sequence[PixelRange]
) -> tuple[TranslatorAdaptation, list[str]]:
    """The adaptation with the ranges of input and output, and sentences about them.

    A network that repaints a photo returns something like it. So the right range is that with which its pictures are
    nearest to the images. That of the output is told by its values. Where the output follows the input, as that of a
    network which adds something to its input and ends without a limit, nothing can be told.

    Raises
    ------
    BadInputError
        When it cannot be told.
    """
    session = OnnxModel(model.path, threads=0)
    losses, returned = {}, {}
    for pixels in ranges:
        tried = replace(adaptation, takes=pixels)
        values = np.concatenate([tried.values(session, image[None]) for image in images])
        returned[pixels] = range_of(values)
        losses[pixels] = float(np.abs(returned[pixels].inverse.apply(values) - images).mean() / 255)
    follows = [taken for taken, result in returned.items() if taken == result]
    if RANGES[0] in follows and len(follows) > 1:
        names = ", ".join(taken.name for taken in returned)
        raise BadInputError(
            f"Which range {model.path} takes cannot be told: it returns whatever range it gets. Name it with "
            f"--params range=…, one of: {names}."
        )
    best = best_range(losses, adaptation.source.dtype)
    result = returned[best]
    texts = [range_text(best, losses, f"{len(images)} images")]
    if result != RANGES[0]:
        texts.append(f"Range: it returns {result.name}, the family's pictures are 0 to 255; converted in the graph.")
    return replace(adaptation, takes=best, returns=result), [text for text in texts if text]


def range_of(values: NDArray[np.float32]) -> PixelRange:
    """The range of pictures, recognized by their values."""
    full, unit, symmetric = RGB_RANGES
    low, high = np.quantile(values, (0.01, 0.99))  # single values may lie outside
    if high > 2:
        return full
    return symmetric if low < -0.1 else unit
