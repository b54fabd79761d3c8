"""Which of several types to answer with, by the request's `Accept` (RFC 9110, section 12.5.1)."""

from collections.abc import Sequence

from atelier.service.http.errors import NotAcceptableError


def preferred(accept: str, offered: Sequence[str]) -> str:
    """The offered type that the request wants most; among equals one that it names, then the first.

    Parameters
    ----------
    accept
        The header, such as `image/webp, image/*;q=0.5`; empty where there is none. Ranges that cannot be read are
        passed over.
    offered
        Media types, the best first.

    Raises
    ------
    NotAcceptableError
        When the header allows none of them.
    """
    if not accept.strip():
        return offered[0]
    ranges = dict(filter(None, map(_range, accept.split(","))))
    wanted = {kind: _wanted(kind, ranges) for kind in offered}
    best = max(offered, key=lambda kind: wanted[kind])
    if not wanted[best][0]:
        raise NotAcceptableError(
            f"The request's Accept is {accept[:80]!r}, and there is no such answer. "
            f"Accept {', '.join(offered[:-1])} or {offered[-1]}."
        )
    return best


def _wanted(kind: str, ranges: dict[str, float]) -> tuple[float, int]:
    """How much a type is wanted, 0 to 1, and how exactly it is named; the most exact range counts."""
    for exactness, name in ((2, kind), (1, f"{kind.partition('/')[0]}/*"), (0, "*/*")):
        if name in ranges:
            return ranges[name], exactness
    return 0.0, 0


def _range(text: str) -> tuple[str, float] | None:
    """A media range and its weight, None where the weight cannot be read; other parameters say nothing here."""
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    weights = [value for key, _, value in (each.partition("=") for each in parameters) if key.strip() == "q"]
    try:
        weight = float(weights[0]) if weights else 1.0
    except ValueError:
        return None
    return (name, weight) if 0 <= weight <= 1 else None
