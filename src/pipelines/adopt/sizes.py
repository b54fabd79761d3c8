"""Which sizes of images a network from elsewhere takes: its graph does not say, so it is tried."""

import numpy as np
from onnxruntime import InferenceSession, SessionOptions

from atelier.errors import BadInputError
from atelier.model_card import Tensor
from atelier.onnx.foreign import ForeignModel
from atelier.onnx.image_layout import ImageLayout, convert
from pipelines.adopt.interface import shape_text

MULTIPLES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
SMALLEST = 48
"""Smallest side that is tried, in pixels."""
_FATAL = 4


def smallest_multiple(model: ForeignModel, layout: ImageLayout) -> tuple[int, Tensor, ImageLayout]:
    """The smallest multiple of pixels whose images come back as large as they were, the output, and its layout.

    Parameters
    ----------
    layout
        Of the model's input, which takes RGB images of any size.

    Raises
    ------
    BadInputError
        When there is none: the file returns no images, or images of another size.
    """
    options = SessionOptions()
    options.log_severity_level = _FATAL  # sizes that the graph does not take are expected
    session = InferenceSession(str(model.path), options, providers=["CPUExecutionProvider"])
    for multiple in MULTIPLES:
        found = _picture(session, model, layout, multiple)
        if found:
            return multiple, *found
    outputs = ", ".join(f"{output.name} {shape_text(output)}" for output in model.outputs)
    raise BadInputError(
        f"{model.path} does not return RGB images as large as those that it gets, neither for sides of any number of "
        f"pixels nor for multiples of up to {MULTIPLES[-1]}. Its outputs: {outputs}. Export a network that does."
    )


def _picture(
    session: InferenceSession, model: ForeignModel, layout: ImageLayout, multiple: int
) -> tuple[Tensor, ImageLayout] | None:
    """The output that is an image of the size of the input; None without one, or when the graph fails."""
    steps = -(-SMALLEST // multiple) // 2 * 2 + 1  # odd, so that no side is a multiple of twice as much
    height, width = steps * multiple, (steps + 2) * multiple
    source = model.inputs[0]
    image = convert(np.zeros((1, height, width, 3), source.dtype), ImageLayout("NHWC", (None, None), 3), layout)
    try:
        results = session.run(None, {source.name: image})
    except Exception:  # ONNX Runtime has an error for each operator that does not take a size
        return None
    for output, result in zip(model.outputs, results, strict=True):
        found = ImageLayout.of(np.shape(result))
        if found and found.channels == 3 and found.size == (height, width):
            return output, ImageLayout(found.axes, (None, None), 3)
    return None
