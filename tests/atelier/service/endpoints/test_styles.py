from pathlib import Path

import pytest

from atelier.service.champions import Champion, Champions
from atelier.service.endpoints.models import list_models
from atelier.service.endpoints.styles import list_styles
from atelier.service.endpoints.stylize import FAMILY
from atelier.service.http.errors import NoChampionError
from tests.helpers.stylizer_champions import COLORS, write_fast


def test_the_styles_are_those_of_the_card(tmp_path: Path) -> None:
    champion = Champion(write_fast(tmp_path, version="3"))
    spec = champion.card.spec.model_copy(update={"thumbnails": {"sea": "data:image/webp;base64,AAAA"}})
    champion.card = champion.card.model_copy(update={"spec": spec})
    champions = Champions({FAMILY: champion}, {})
    assert list_styles(champions).model_dump(mode="json", exclude_unset=True) == {
        "family": FAMILY,
        "version": "3",
        "ready": True,
        "reason": None,
        "styles": [
            {"name": name, "thumbnail": "data:image/webp;base64,AAAA" if name == "sea" else None} for name in COLORS
        ],
    }
    (entry,) = list_models(champions).models
    assert entry.card
    assert tuple(entry.card["spec"]["labels"]) == tuple(COLORS)
    assert "thumbnails" not in entry.card["spec"]


def test_without_a_champion_there_is_a_reason() -> None:
    champions = Champions({}, {FAMILY: "None yet."})
    with pytest.raises(NoChampionError):
        champions[FAMILY]
    missing = {"family": FAMILY, "version": None, "ready": False, "reason": "None yet.", "styles": []}
    assert list_styles(champions).model_dump(mode="json", exclude_unset=True) == {**missing, "error": "None yet."}
