"""The range of values that a model takes: given by name, or the one with which it does best."""

from collections.abc import Mapping, Sequence
from math import isfinite

from atelier.errors import BadInputError
from atelier.onnx.pixel_range import RANGES, PixelRange

CLEARLY = 0.1
"""A loss that is smaller by this fraction is clearly better."""


def ranges_named(name: str | None, among: Sequence[PixelRange] = RANGES) -> tuple[PixelRange, ...]:
    """The range with this name, or all of them without one.

    Raises
    ------
    BadInputError
        When there is none of this name.
    """
    typed = {pixels.name.replace(",", ""): pixels for pixels in among}  # Kedro splits `--params` at commas
    if name is None:
        return tuple(among)
    found = tuple(pixels for key, pixels in typed.items() if key == name.replace(",", ""))
    if not found:
        names = "; ".join(typed)
        raise BadInputError(f"There is no range {name!r}. Give one of: {names}. Without one it is measured.")
    return found


def best_range(losses: Mapping[PixelRange, float], dtype: str) -> PixelRange:
    """The usual range for the type of the input, unless another is clearly better.

    Raises
    ------
    BadInputError
        When no loss is a number.
    """
    losses = {pixels: loss for pixels, loss in losses.items() if isfinite(loss)}
    if not losses:
        raise BadInputError(
            "The model returns no numbers (NaN or infinity) on real images. Check it where it was trained."
        )
    usual = [RANGES[0]] if dtype == "uint8" else [RANGES[1], RANGES[2], RANGES[0]]
    order = [*(pixels for pixels in usual if pixels in losses), *losses]
    return next(pixels for pixels in order if _is_nearly_best(losses[pixels], losses))


def range_text(taken: PixelRange, losses: Mapping[PixelRange, float], measured_on: str) -> str:
    """A sentence about the range that a model takes, empty where it is the family's."""
    if taken == RANGES[0]:
        return ""
    others = sorted(
        (pixels for pixels in losses if pixels != taken and isfinite(losses[pixels])), key=lambda pixels: losses[pixels]
    )
    text = f"Range: it takes {taken.name}, the family's images are 0 to 255; converted in the graph."
    if not others:
        return f"{text} As given."
    found = f"with {taken.name} {losses[taken]:.3f}, with {others[0].name} {losses[others[0]]:.3f}"
    usual = ", nearly the same, so the usual one was taken" if _is_nearly_best(losses[others[0]], losses) else ""
    return f"{text} Loss on {measured_on}: {found}{usual}. If it is another, name it: range=…"


def _is_nearly_best(loss: float, losses: Mapping[PixelRange, float]) -> bool:
    return loss <= min(filter(isfinite, losses.values())) * (1 + CLEARLY) + 0.01
