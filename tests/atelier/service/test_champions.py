import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bentoml.exceptions import NotFound

from atelier.champion_history import Change, History
from atelier.onnx.model import OnnxModel
from atelier.preprocessing.spec import DrawingInput, PhotoInput
from atelier.service.champions import Champion, Champions
from atelier.service.endpoints.models import list_models
from atelier.service.http.errors import NoChampionError
from tests.helpers.classifier_champion import FAMILY, make_card, write_champion
from tests.helpers.stylizer_champions import write_fast

Find = Callable[[str], Path]


@pytest.fixture
def find(tmp_path: Path) -> Find:
    """A model store of plain folders, one for each family."""

    def find(family: str) -> Path:
        if not (tmp_path / family).is_dir():
            raise NotFound(family)
        return tmp_path / family

    return find


def test_a_champion_is_loaded_with_its_card(tmp_path: Path, find: Find) -> None:
    write_champion(tmp_path / FAMILY, version="7")
    champions = Champions.load({FAMILY: DrawingInput}, find)
    assert champions[FAMILY].name == {"family": FAMILY, "version": "7"}
    (entry,) = list_models(champions).models
    assert entry.ready
    assert entry.card
    assert entry.card["lineage"]["git_commit"]


def test_the_history_that_was_packaged_is_listed(tmp_path: Path, find: Find) -> None:
    change = Change(
        number=1, kind="promotion", champion=7, before=None, at="2026-01-01T10:00:00+00:00", verdict="Good."
    )
    history = History(family=FAMILY, changes=(change,))
    (write_champion(tmp_path / FAMILY, version="7") / "history.json").write_text(history.model_dump_json())
    (entry,) = list_models(Champions.load({FAMILY: DrawingInput}, find)).models
    assert [(each.version, each.since, each.until, each.began) for each in entry.history] == [
        ("7", change.at, None, "Good.")
    ]


@pytest.mark.parametrize("content", [None, "{"])
def test_a_model_without_a_readable_history_is_served(tmp_path: Path, find: Find, content: str | None) -> None:
    folder = write_champion(tmp_path / FAMILY)
    if content:
        (folder / "history.json").write_text(content)
    (entry,) = list_models(Champions.load({FAMILY: DrawingInput}, find)).models
    assert entry.ready
    assert entry.history == ()


def test_a_family_without_a_champion_says_what_to_do(tmp_path: Path, find: Find) -> None:
    write_champion(tmp_path / FAMILY)
    champions = Champions.load({FAMILY: DrawingInput, "other": DrawingInput}, find)
    with pytest.raises(NoChampionError, match=r"kedro run \(make run\)"):
        champions["other"]
    assert champions[FAMILY]
    assert [(each.family, each.ready) for each in list_models(champions).models] == [
        (FAMILY, True),
        ("other", False),
    ]


@pytest.mark.parametrize("broken", ["model.onnx", "card.json"])
def test_a_broken_model_does_not_affect_the_others(tmp_path: Path, find: Find, broken: str) -> None:
    shutil.copytree(write_champion(tmp_path / FAMILY), tmp_path / "other")
    (tmp_path / "other" / broken).write_bytes(b"{}")
    champions = Champions.load({"other": DrawingInput, FAMILY: DrawingInput}, find)
    with pytest.raises(NoChampionError, match="cannot be loaded"):
        champions["other"]
    assert isinstance(champions[FAMILY], Champion)


@pytest.mark.parametrize("preprocessing", [None, PhotoInput()])
def test_a_model_with_another_kind_of_preprocessing_is_not_served(
    tmp_path: Path, find: Find, preprocessing: PhotoInput | None
) -> None:
    card = make_card()
    spec = card.spec.model_copy(update={"preprocessing": preprocessing})
    card.model_copy(update={"spec": spec}).write(write_champion(tmp_path / FAMILY) / "card.json")
    champions = Champions.load({FAMILY: DrawingInput}, find)
    with pytest.raises(NoChampionError, match=r"no DrawingInput in its card.*kedro run"):
        champions[FAMILY]


def test_a_model_is_warmed_up_with_a_small_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shapes, call = [], OnnxModel.__call__

    def record(self: OnnxModel, **inputs: Any) -> Any:
        shapes.append({name: array.shape for name, array in inputs.items()})
        return call(self, **inputs)

    monkeypatch.setattr(OnnxModel, "__call__", record)
    Champion(write_fast(tmp_path)).warm_up()
    assert shapes == [{"image": (1, 64, 64, 3), "weights": (1, 3)}]
