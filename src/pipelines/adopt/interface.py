"""What the interfaces of all adopted files are asked for, and how they differ from a family's, in plain words."""

from collections.abc import Iterator, Mapping

from atelier.errors import BadInputError
from atelier.model_card import Tensor
from atelier.onnx.foreign import ForeignModel
from atelier.onnx.image_layout import ImageLayout


def only_input(model: ForeignModel) -> Tensor:
    """The input of a file.

    Raises
    ------
    BadInputError
        When it has several.
    """
    if len(model.inputs) != 1:
        names = ", ".join(tensor.name for tensor in model.inputs)
        raise BadInputError(f"{model.path} has {len(model.inputs)} inputs ({names}), the family's models have one.")
    return model.inputs[0]


def interface_differences(
    model: ForeignModel, image: Tensor, names: Mapping[str, str], layouts: tuple[ImageLayout, ImageLayout]
) -> Iterator[str]:
    """Sentences about names, layout, type and batch.

    Parameters
    ----------
    image
        The input of the family's models.
    names
        Name in the file → name in the family.
    layouts
        Of the file's images, and of the family's.
    """
    source, (file, family) = model.inputs[0], layouts
    renamed = [f"{old} becomes {new}" for old, new in names.items() if old != new]
    if renamed:
        yield f"Names: {', '.join(renamed)}."
    if (file.axes, file.channels) != (family.axes, family.channels):
        yield f"Layout: it takes {file}, the family's images are {family}; converted in the graph."
    if source.dtype != image.dtype:
        yield f"Type: it takes {source.dtype}, the family's images are {image.dtype}; converted in the graph."
    if model.fixed_batch is not None:
        yield f"Batch: it takes batches of {model.fixed_batch} only; the graph is changed to take any number."


def shape_text(tensor: Tensor) -> str:
    """A shape as it is written in Python."""
    return f"({', '.join(map(str, tensor.shape))})"
