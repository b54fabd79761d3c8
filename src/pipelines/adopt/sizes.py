"""Which sizes of images a network from elsewhere takes: its graph does not say, so it is tried."""

from collections.abc import Mapping

import numpy as np
from onnxruntime import InferenceSession, SessionOptions

from atelier.errors import BadInputError
from atelier.model_card import Tensor
from atelier.onnx.foreign import ForeignModel
from atelier.onnx.image_layout import ANY_RGB, ImageLayout, convert
from atelier.predictors.stylizer import MIN_SIDE
from pipelines.adopt.interface import shape_text

MULTIPLES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
SMALLEST = MIN_SIDE
"""Smallest side that is tried, in pixels: that of the smallest image which the service takes."""
_FATAL = 4


def smallest_multiple(model: ForeignModel, layout: ImageLayout, name: str) -> tuple[int, Tensor, ImageLayout]:
    """The smallest multiple of pixels whose images come back as large as they were, the output, and its layout.

    Parameters
    ----------
    layout
        Of the model's input, which takes RGB images of any size.
    name
        That of the picture in the family: it decides where several outputs are images.

    Raises
    ------
    BadInputError
        When there is none: the file returns no images, or images of another size.
    """
    options = SessionOptions()
    options.log_severity_level = _FATAL  # sizes that the graph does not take are expected
    session = InferenceSession(str(model.path), options, providers=["CPUExecutionProvider"])
    for multiple in MULTIPLES:
        steps = -(-SMALLEST // multiple) // 2 * 2 + 1  # odd: then no side is a multiple of twice as much
        tried = ((steps, steps + 2), (steps + 1, steps + 1))
        found = [_pictures(session, model, layout, (height * multiple, width * multiple)) for height, width in tried]
        if all(found) and found[0].keys() == found[1].keys():
            return multiple, *_only(model, found[0], name)
    outputs = ", ".join(f"{output.name} {shape_text(output)}" for output in model.outputs)
    raise BadInputError(
        f"{model.path} does not return RGB images as large as those that it gets, neither for sides of any number of "
        f"pixels nor for multiples of {MULTIPLES[1]}, {MULTIPLES[2]} and so on up to {MULTIPLES[-1]}. Its outputs: "
        f"{outputs}. Export a network that does."
    )


def _pictures(
    session: InferenceSession, model: ForeignModel, layout: ImageLayout, size: tuple[int, int]
) -> dict[str, ImageLayout]:
    """Output → its layout, of the outputs that are images of the size of the input; none when the graph fails."""
    source, batch = model.inputs[0], model.fixed_batch or 1
    image = convert(np.zeros((batch, *size, 3), source.dtype), ANY_RGB, layout)
    try:
        results = session.run(None, {source.name: image})
    except Exception:  # ONNX Runtime has an error for each operator that does not take a size
        return {}
    layouts = {
        output.name: ImageLayout.of(np.shape(result)) for output, result in zip(model.outputs, results, strict=True)
    }
    return {
        name: ImageLayout(found.axes, (None, None), 3)
        for name, found in layouts.items()
        if found and found.channels == 3 and found.size == size
    }


def _only(model: ForeignModel, found: Mapping[str, ImageLayout], name: str) -> tuple[Tensor, ImageLayout]:
    """The output with this name, or the only one."""
    if len(found) > 1 and name not in found:
        raise BadInputError(
            f"{model.path} has several outputs that are images: {', '.join(found)}. Export it with one, "
            f"or name it {name}."
        )
    chosen = name if name in found else next(iter(found))
    return next(output for output in model.outputs if output.name == chosen), found[chosen]
