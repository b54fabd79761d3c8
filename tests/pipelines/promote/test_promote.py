from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from atelier.data.prepared.dataset import PreparedData
from atelier.errors import AtelierError, BadInputError
from atelier.registry.status import status
from pipelines.fetch.photos import fetch
from pipelines.lifecycle.contracts import FamilyInputs, FamilySettings
from pipelines.lifecycle.families import FAMILIES
from pipelines.lifecycle.tuning import FloatRange, TuningSettings
from pipelines.prepare.photos import prepare
from pipelines.promote import nodes
from pipelines.promote.pipeline import create_pipeline, create_rollback
from tests.helpers.data_settings import photos_fetch, photos_prepare
from tests.helpers.image_files import encode, random_image, write_folder
from tests.helpers.photo_champion import SIZE, photo_card
from tests.helpers.registered_families import register_family
from tests.helpers.registries import FAMILY, GATE, evaluation, manifest
from tests.helpers.tuning import make_tuning


class DoublerSettings(FamilySettings):
    tuning: TuningSettings = make_tuning(metric="loss", space={"factor": FloatRange(low=1, high=2)})


@dataclass(frozen=True)
class DoublerInputs(FamilyInputs):
    points: PreparedData


def evaluate(inputs, model, spec, settings):
    return evaluation(right=int(model(x=np.ones((1, 1), np.float32))["y"].item()), first_id=5000)


@pytest.fixture
def points(tmp_path):
    folder = tmp_path / "prepared"
    folder.mkdir()
    (folder / "manifest.json").write_text(manifest().model_dump_json())
    return PreparedData(folder)


@pytest.fixture(autouse=True)
def doubler(monkeypatch):
    register_family(monkeypatch, FAMILY, DoublerSettings, DoublerInputs, evaluate=evaluate)


def gate(registry, points, settings=None):
    return nodes.promote(FAMILY)(
        registry, settings or {"gate": GATE.model_dump()}, None, points=points, points_raw=None
    )


def make_challenger(registry, number):
    registry.set_alias(registry.version(FAMILY, number), "challenger")


def test_every_family_has_a_node_that_waits_for_its_version():
    pipeline = create_pipeline()
    assert {node.name for node in pipeline.nodes} == {f"promote.{name}" for name in FAMILIES}
    node = next(node for node in pipeline.nodes if node.name == f"promote.{FAMILY}")
    assert set(node.inputs) == {
        "registry",
        f"params:{FAMILY}",
        f"{FAMILY}_version",
        "points_prepared",
        "points_raw",
    }
    assert node.outputs == [f"{FAMILY}_verdict"]
    assert create_rollback().inputs() == {"params:family", "params:reason", "registry"}


def test_a_challenger_passes_the_gate_is_promoted_and_printed(versions, points, capsys):
    make_challenger(versions, 1)
    verdict = gate(versions, points)
    printed = capsys.readouterr().out
    assert verdict["promote"] is True
    assert (verdict["challenger"], verdict["champion"]) == ("1", None)
    assert versions.aliases(FAMILY) == {"champion": 1}
    assert "challenger v1" in printed


def test_without_a_challenger_the_last_verdict_stays_and_a_line_is_printed(versions, points, capsys):
    make_challenger(versions, 1)
    verdict = gate(versions, points)
    capsys.readouterr()
    assert gate(versions, points) == verdict
    assert capsys.readouterr().out == f"{FAMILY}: no challenger to gate, v1 stays champion.\n"


def test_before_the_first_version_no_data_is_needed(registry, tmp_path, capsys):
    assert gate(registry, PreparedData(tmp_path / "absent")) == {}
    assert "no champion yet" in capsys.readouterr().out


def test_on_changed_data_the_onnx_files_are_evaluated(versions, points):
    make_challenger(versions, 2)
    gate(versions, points)
    (points.folder / "manifest.json").write_text(manifest(version=2).model_dump_json())
    make_challenger(versions, 3)
    verdict = gate(versions, PreparedData(points.folder))
    assert verdict["promote"] is True
    assert verdict["comparisons"][0]["champion"]["value"] == pytest.approx(0.65)
    assert verdict["comparisons"][0]["challenger"]["value"] == pytest.approx(0.8)


def test_rollback_goes_back_one_and_prints_it(versions, points, capsys):
    for number in (1, 2):
        make_challenger(versions, number)
        gate(versions, points)
    capsys.readouterr()
    record = nodes.rollback(FAMILY, "too slow", versions)
    assert (record["left"], record["champion"]) == ("2", "1")
    assert record["reason"] == "too slow"
    assert "back from v2 to v1: too slow" in capsys.readouterr().out
    assert status(versions, FAMILY).champion.number == 1
    with pytest.raises(AtelierError, match=FAMILY):
        nodes.rollback(FAMILY, "too slow", versions)


@pytest.mark.parametrize("name", ["dubler", None])
def test_an_unknown_family_is_an_error_that_names_known_ones(registry, name):
    with pytest.raises(BadInputError, match=FAMILY if name else "family="):
        nodes.rollback(name, None, registry)


def test_invalid_parameters_are_an_error_with_their_path(versions, points):
    make_challenger(versions, 1)
    with pytest.raises(BadInputError, match=rf"parameters of {FAMILY} are not valid. gate\.primary: "):
        gate(versions, points, {"gate": {"rules": {}, "budgets": GATE.budgets.model_dump()}})


@pytest.mark.parametrize("fit", ["crop", "pad"])
def test_a_model_for_other_photos_than_todays_is_evaluated_with_a_warning(tmp_path, caplog, fit):
    files = {f"{'ab'[number % 2]}/{number}.png": encode(random_image(number), "PNG") for number in range(24)}
    source = write_folder(tmp_path / "own", files)
    raw = fetch(tmp_path / "raw", photos_fetch(folder=str(source), items=None))
    photos = prepare(raw, tmp_path / "prepared", tmp_path / "reports", photos_prepare(size=SIZE, fit="pad"))
    inputs = SimpleNamespace(named=lambda: {"photos": photos})
    with nodes._with_preprocessing_of(photo_card(fit=fit).spec, inputs, None, {}) as own:
        assert own is inputs
    assert ("made for photos of 48 by 48 pixels (fit: crop)" in caplog.text) == (fit == "crop")
