"""Stylize photos with an exported network, in styles that it learned or in the style of any painting."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.errors import AtelierError, BadInputError, nearest
from atelier.model_card import MODEL, ModelSpec
from atelier.onnx.model import OnnxModel

MIN_SIDE = 32
"""Smallest side of an image in pixels."""

Picture = NDArray[np.uint8]
"""(height, width, 3), RGB."""
Floats = NDArray[np.float32]

_LUMINANCE = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601, as in JPEG's YCbCr


class FastStylizer:
    """A network that learned several styles and can blend them.

    Parameters
    ----------
    model
        Inputs `image`, float32 (batch, height, width, 3), RGB from 0 to 255, and `weights`, float32 (batch, styles);
        output `picture`, like `image`. The sum of the weights, at most 1, is the strength, and their proportions are
        the blend. If all weights are 0, the output is the image itself.
    spec
        The interface of the model. `spec.labels` are the names in the order of `weights`.
    """

    def __init__(self, model: OnnxModel, spec: ModelSpec) -> None:
        _require(spec, "weights", "a network of fast_style")
        self._model = model
        self.styles: tuple[str, ...] = spec.labels

    def stylize(self, photo: Picture, weights: Mapping[str, float]) -> Picture:
        """Render the photo in a blend of styles; the result has the size of the photo.

        Parameters
        ----------
        photo
            uint8 (height, width, 3), RGB, each side at least `MIN_SIDE` pixels.
        weights
            Style → weight from 0 to 1; styles that are not given have weight 0.

        Raises
        ------
        BadInputError
            When the network does not know a style, a weight is outside 0 to 1, or the photo is not such an array.
        AtelierError
            When the network returns NaN or infinity.
        """
        row = np.zeros((1, len(self.styles)), np.float32)
        for style, weight in weights.items():
            if style not in self.styles:
                raise BadInputError(f"There is no style {style!r}. Did you mean {nearest(style, self.styles)}?")
            row[0, self.styles.index(style)] = _check_fraction(weight, f"The weight of {style}")
        return _to_image(self._model(image=_to_input(photo), weights=row)["picture"])


class ArbitraryStylizer:
    """A network that stylizes photos in the style of any painting, which is given by its feature statistics.

    Parameters
    ----------
    model
        Inputs `image`, float32 (batch, height, width, 3), RGB from 0 to 255, `style`, float32 (batch, S), and
        `strength`, float32 (batch,) from 0 to 1; outputs `picture`, like `image`, and `statistics`, float32 (batch, S),
        the style statistics of `image`.
    spec
        The interface of the model.
    """

    def __init__(self, model: OnnxModel, spec: ModelSpec) -> None:
        self._model = model
        self._size = _require(spec, "style", "a network of arbitrary_style")[1]

    def statistics(self, painting: Picture) -> Floats:
        """Style statistics of a painting: float32 (S,). Compute them once to stylize many photos.

        Raises
        ------
        BadInputError
            When the painting is not uint8 (height, width, 3) with sides of at least `MIN_SIDE` pixels.
        AtelierError
            When the network returns NaN or infinity.
        """
        # Only `picture` depends on these, but a session requires all inputs.
        unused = {"style": np.zeros((1, self._size), np.float32), "strength": np.zeros(1, np.float32)}
        found: Floats = self._model.only("statistics", image=_to_input(painting), **unused)[0]
        return _finite(found)

    def stylize(self, photo: Picture, statistics: NDArray[np.floating], strength: float = 1.0) -> Picture:
        """Render the photo in a style; the result has the size of the photo.

        Parameters
        ----------
        photo
            uint8 (height, width, 3), RGB, each side at least `MIN_SIDE` pixels.
        statistics
            (S,) of one painting, or a `blend` of several.
        strength
            From 0, the photo's own style, to 1, the style of the painting.

        Raises
        ------
        BadInputError
            When the strength is outside 0 to 1, the statistics are of another network, or the photo is not such an
            array.
        AtelierError
            When the network returns NaN or infinity.
        """
        if statistics.shape != (self._size,):
            raise BadInputError(
                f"This network's style statistics are {self._size} numbers; these have shape {statistics.shape}. "
                "Compute them with this version of the network."
            )
        style = statistics.astype(np.float32)[None]
        strengths = np.array([_check_fraction(strength, "The strength")], np.float32)
        return _to_image(self._model.only("picture", image=_to_input(photo), style=style, strength=strengths))


def blend(statistics: Sequence[NDArray[np.floating]], weights: Sequence[float]) -> Floats:
    """Blend several styles: (S,) the weighted mean of their statistics.

    Huang & Belongie 2017 (arXiv:1703.06868), "style interpolation".

    Parameters
    ----------
    statistics
        (S,) of each style.
    weights
        One per style, not negative. Only their proportions matter.

    Raises
    ------
    BadInputError
        When there is not one weight per style, a weight is negative or not finite, or all are 0.
    """
    given = np.asarray(weights, np.float64)
    if len(given) != len(statistics) or not np.isfinite(given).all() or (given < 0).any() or not given.sum():
        raise BadInputError("A blend needs one weight for each style, none negative and at least one above 0.")
    mean: Floats = np.average(np.stack(statistics), axis=0, weights=given).astype(np.float32)
    return mean


def keep_colors(stylized: Picture, photo: Picture) -> Picture:
    """Combine the luminance of the stylized image with the colors of the photo.

    Gatys et al. 2016, "Preserving Color in Neural Artistic Style Transfer" (arXiv:1606.05897), luminance-only transfer.
    In YCbCr, Cb and Cr are multiples of B - Y and R - Y. Adding the difference of Y to R, G and B keeps both.

    Parameters
    ----------
    stylized, photo
        uint8 (height, width, 3), both of one size.

    Raises
    ------
    BadInputError
        When the two differ in size.
    """
    if stylized.shape != photo.shape:
        raise BadInputError(f"Stylized image and photo differ in size: {stylized.shape[:2]} and {photo.shape[:2]}.")
    difference = (stylized @ _LUMINANCE - photo @ _LUMINANCE)[..., None]
    return np.asarray(np.rint(np.clip(photo + difference, 0, 255)), np.uint8)


def _require(spec: ModelSpec, name: str, what: str) -> tuple[int, ...]:
    """Sizes of the input with this name; 0 for a dynamic axis."""
    for tensor in spec.parts[MODEL].inputs:
        if tensor.name == name:
            return tuple(axis if isinstance(axis, int) else 0 for axis in tensor.shape)
    raise BadInputError(f"This model is not {what}: its card has no input {name!r}.")


def _to_input(image: Picture) -> Floats:
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or min(image.shape[:2]) < MIN_SIDE:
        raise BadInputError(
            f"An image must be uint8 (height, width, 3) with at least {MIN_SIDE} pixels a side, got "
            f"{image.dtype} {image.shape}."
        )
    return image.astype(np.float32)[None]


def _check_fraction(value: float, what: str) -> float:
    if not 0 <= value <= 1:  # also refuses NaN
        raise BadInputError(f"{what} must be from 0 to 1, got {value:g}.")
    return value


def _to_image(output: NDArray[Any]) -> Picture:
    return np.asarray(np.rint(np.clip(_finite(output[0]), 0, 255)), np.uint8)


def _finite(output: NDArray[Any]) -> NDArray[Any]:
    if not np.isfinite(output).all():
        raise AtelierError("The network returns NaN or infinity. Its training has diverged.")
    return output
