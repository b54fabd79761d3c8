"""Content negotiation: which of several types to respond with (RFC 9110, section 12.5.1)."""

from collections.abc import Sequence

from atelier.service.http.errors import NotAcceptableError


def preferred(accept: str, offered: Sequence[str]) -> str:
    """The offered type with the highest weight; if several have it, the one named most exactly, then the first.

    Parameters
    ----------
    accept
        The `Accept` header, such as `image/webp, image/*;q=0.5`; empty if there is none. Ranges that cannot be parsed
        are ignored.
    offered
        Media types, the best first.

    Raises
    ------
    NotAcceptableError
        If the header allows none of them.
    """
    if not accept.strip():
        return offered[0]
    weights = dict(filter(None, map(_parse_range, accept.split(","))))
    ranks = {media_type: _rank(media_type, weights) for media_type in offered}
    best = max(offered, key=lambda media_type: ranks[media_type])
    if not ranks[best][0]:
        raise NotAcceptableError(
            f"The request's Accept is {accept[:80]!r}, and there is no such response. "
            f"Accept {', '.join(offered[:-1])} or {offered[-1]}."
        )
    return best


def _rank(media_type: str, weights: dict[str, float]) -> tuple[float, int]:
    """Weight of a type, 0 to 1, and how exactly the header names it, 0 to 2. The most exact range counts."""
    for exactness, name in ((2, media_type), (1, f"{media_type.partition('/')[0]}/*"), (0, "*/*")):
        if name in weights:
            return weights[name], exactness
    return 0.0, 0


def _parse_range(text: str) -> tuple[str, float] | None:
    """A media range and its weight; None if the weight cannot be parsed. Other parameters are ignored."""
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    weights = [value for key, _, value in (each.partition("=") for each in parameters) if key.strip() == "q"]
    try:
        weight = float(weights[0]) if weights else 1.0
    except ValueError:
        return None
    return (name, weight) if 0 <= weight <= 1 else None
