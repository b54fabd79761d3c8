"""`GET /styles`: what the champion of `fast_style` can paint in."""

from typing import Any

from atelier.service.champions import Champions
from atelier.service.endpoints.stylize import FAMILY
from atelier.service.http.errors import NoChampionError


def styles_of(champions: Champions) -> dict[str, Any]:
    """The styles by name, each with a thumbnail as a `data:` URL, or None where the card has none.

    Without a champion it is `ready` that says so, and `reason`; `error` then says the same as in every refusal.
    """
    try:
        champion = champions[FAMILY]
    except NoChampionError as error:
        reason = str(error)
        return {"family": FAMILY, "version": None, "ready": False, "reason": reason, "styles": [], "error": reason}
    spec = champion.card.spec
    styles = [{"name": name, "thumbnail": spec.thumbnails.get(name)} for name in spec.labels]
    return {**champion.name, "ready": True, "reason": None, "styles": styles}
