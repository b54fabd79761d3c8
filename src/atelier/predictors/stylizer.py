"""Photos repainted by an exported network: in styles that it learned, or in that of any painting."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.errors import AtelierError, BadInputError, nearest
from atelier.model_card import MODEL, ModelSpec
from atelier.onnx.model import OnnxModel

SMALLEST = 32
"""Pixels that each side of a picture needs."""

Picture = NDArray[np.uint8]
"""(height, width, 3), RGB."""
Floats = NDArray[np.float32]

_LUMINANCE = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601, as in JPEG's YCbCr


class FastStylizer:
    """A network that knows a number of styles and their blends.

    Parameters
    ----------
    model
        Inputs `image`, float32 (batch, height, width, 3), RGB from 0 to 255, and `weights`, float32 (batch, styles);
        output `picture`, as `image`. The sum of the weights, cut off at 1, is the strength, their proportions are the
        blend, and all 0 is the image itself.
    spec
        Its interface. `spec.labels` are the names in the order of `weights`.
    """

    def __init__(self, model: OnnxModel, spec: ModelSpec) -> None:
        _require(spec, "weights", "a network of fast_style")
        self._model = model
        self.styles: tuple[str, ...] = spec.labels

    def paint(self, photo: Picture, weights: Mapping[str, float]) -> Picture:
        """The photo in a blend of styles, of the photo's size.

        Parameters
        ----------
        photo
            uint8 (height, width, 3), RGB, at least `SMALLEST` pixels a side.
        weights
            Style → 0 to 1; one that is not named counts 0.

        Raises
        ------
        BadInputError
            When a style is none of the network's, a weight is outside 0 to 1, or the photo is no such array.
        AtelierError
            When the network answers with something that is no number.
        """
        row = np.zeros((1, len(self.styles)), np.float32)
        for style, weight in weights.items():
            if style not in self.styles:
                raise BadInputError(f"There is no style {style!r}. Did you mean {nearest(style, self.styles)}?")
            row[0, self.styles.index(style)] = _share(weight, f"The weight of {style}")
        return _picture(self._model(image=_image(photo), weights=row)["picture"])


class ArbitraryStylizer:
    """A network that paints in the style of any painting, told by the painting's statistics.

    Parameters
    ----------
    model
        Inputs `image`, float32 (batch, height, width, 3), RGB from 0 to 255, `style`, float32 (batch, S), and
        `strength`, float32 (batch,) from 0 to 1; outputs `picture`, as `image`, and `statistics`, float32 (batch, S),
        those of `image` as a style.
    spec
        Its interface.
    """

    def __init__(self, model: OnnxModel, spec: ModelSpec) -> None:
        self._model = model
        self._size = _require(spec, "style", "a network of arbitrary_style")[1]

    def statistics(self, painting: Picture) -> Floats:
        """What the network needs to know of a painting: float32 (S,). Compute it once, paint many photos with it.

        Raises
        ------
        BadInputError
            When the painting is not uint8 (height, width, 3) of at least `SMALLEST` pixels a side.
        AtelierError
            When the network answers with something that is no number.
        """
        # Only `picture` depends on these, but a session wants all inputs.
        unused = {"style": np.zeros((1, self._size), np.float32), "strength": np.zeros(1, np.float32)}
        found: Floats = self._model.only("statistics", image=_image(painting), **unused)[0]
        return _finite(found)

    def paint(self, photo: Picture, statistics: NDArray[np.floating], strength: float = 1.0) -> Picture:
        """The photo in a style, of the photo's size.

        Parameters
        ----------
        photo
            uint8 (height, width, 3), RGB, at least `SMALLEST` pixels a side.
        statistics
            (S,) of a painting, or of several (`blend`).
        strength
            0, the photo's own style, to 1, the painting's.

        Raises
        ------
        BadInputError
            When the strength is outside 0 to 1, the statistics are another network's, or the photo is no such array.
        AtelierError
            When the network answers with something that is no number.
        """
        if statistics.shape != (self._size,):
            raise BadInputError(
                f"This network's style statistics are {self._size} numbers; these have shape {statistics.shape}. "
                "Compute them with this version of the network."
            )
        style = statistics.astype(np.float32)[None]
        strengths = np.array([_share(strength, "The strength")], np.float32)
        return _picture(self._model.only("picture", image=_image(photo), style=style, strength=strengths))


def blend(statistics: Sequence[NDArray[np.floating]], weights: Sequence[float]) -> Floats:
    """One style out of several: (S,) the weighted mean of their statistics.

    Huang & Belongie 2017 (arXiv:1703.06868), "style interpolation".

    Parameters
    ----------
    statistics
        (S,) of each.
    weights
        One each, not negative; only their proportions count.

    Raises
    ------
    BadInputError
        When there is not one weight a style, or none is above 0, or one below.
    """
    shares = np.asarray(weights, np.float64)
    if len(shares) != len(statistics) or not np.isfinite(shares).all() or (shares < 0).any() or not shares.sum():
        raise BadInputError("A blend needs one weight for each style, none negative and at least one above 0.")
    mean: Floats = np.average(np.stack(statistics), axis=0, weights=shares).astype(np.float32)
    return mean


def keep_colours(picture: Picture, photo: Picture) -> Picture:
    """The picture's luminance with the photo's colours.

    Gatys et al. 2016, "Preserving Color in Neural Artistic Style Transfer" (arXiv:1606.05897), luminance-only transfer.
    In YCbCr, Cb and Cr are multiples of B - Y and R - Y: keeping both is adding the difference of Y to R, G and B.

    Parameters
    ----------
    picture, photo
        uint8 (height, width, 3), of one size.
    """
    if picture.shape != photo.shape:
        raise BadInputError(f"Picture and photo differ in size: {picture.shape[:2]} and {photo.shape[:2]}.")
    brighter = (picture @ _LUMINANCE - photo @ _LUMINANCE)[..., None]
    return np.asarray(np.rint(np.clip(photo + brighter, 0, 255)), np.uint8)


def _require(spec: ModelSpec, name: str, what: str) -> tuple[int, ...]:
    """Sizes of the input with this name, a dynamic axis as 0."""
    for tensor in spec.parts[MODEL].inputs:
        if tensor.name == name:
            return tuple(axis if isinstance(axis, int) else 0 for axis in tensor.shape)
    raise BadInputError(f"This model is not {what}: its card names no input {name!r}.")


def _image(picture: Picture) -> Floats:
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or min(picture.shape[:2]) < SMALLEST:
        raise BadInputError(
            f"A picture is needed as uint8 (height, width, 3) of at least {SMALLEST} pixels a side, got "
            f"{picture.dtype} {picture.shape}."
        )
    return picture.astype(np.float32)[None]


def _share(value: float, what: str) -> float:
    if not 0 <= value <= 1:  # NaN is refused too
        raise BadInputError(f"{what} must be from 0 to 1, got {value:g}.")
    return value


def _picture(answer: NDArray[Any]) -> Picture:
    return np.asarray(np.rint(np.clip(_finite(answer[0]), 0, 255)), np.uint8)


def _finite(answer: NDArray[Any]) -> NDArray[Any]:
    if not np.isfinite(answer).all():
        raise AtelierError("The network answers with values that are no numbers. Its training has diverged.")
    return answer
