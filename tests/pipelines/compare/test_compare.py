from dataclasses import dataclass
from pathlib import Path

import pytest

from atelier.data.prepared.dataset import PreparedData
from atelier.errors import AtelierError, BadInputError
from atelier.registry.models import Registry
from pipelines.compare.nodes import ARTIFACTS, compare
from pipelines.lifecycle.contracts import FamilyInputs, FamilySettings
from pipelines.lifecycle.tuning import FloatRange, TuningSettings
from tests.helpers.registered_families import register_family
from tests.helpers.registries import FAMILY, GATE, gate_version
from tests.helpers.tuning import make_tuning

PARAMETERS = {FAMILY: {"gate": GATE.model_dump()}}


class DoublerSettings(FamilySettings):
    tuning: TuningSettings = make_tuning(metric="loss", space={"factor": FloatRange(low=1, high=2)})


@dataclass(frozen=True)
class DoublerInputs(FamilyInputs):
    points: PreparedData


@pytest.fixture(autouse=True)
def doubler(monkeypatch):
    register_family(monkeypatch, FAMILY, DoublerSettings, DoublerInputs)


@pytest.fixture
def gated(versions: Registry) -> Registry:
    """Version 1 is previous, 3 is champion, 4 was rejected."""
    for number in (1, 3, 4):
        gate_version(versions, number)
    return versions


def test_the_report_is_written_and_logged_to_the_run_of_the_challenger(gated, tmp_path):
    found = compare(FAMILY, None, PARAMETERS, gated, tmp_path / "reports")
    assert sorted(found[FAMILY]) == [1, 3, 4]
    files = [tmp_path / "reports" / FAMILY / name for name in ("comparison.md", "comparison.html")]
    assert "v4 is rejected" in files[0].read_text()
    run = gated.version(FAMILY, 4).run_id
    logged = Path(gated.client.download_artifacts(run, ARTIFACTS))
    assert {path.name: path.read_bytes() for path in logged.iterdir()} == {f.name: f.read_bytes() for f in files}


@pytest.mark.parametrize("wanted", ["1+2", "v1 v2", "2-1"])
def test_versions_are_chosen_by_their_numbers(gated, tmp_path, wanted):
    assert sorted(compare(FAMILY, wanted, PARAMETERS, gated, tmp_path)[FAMILY]) == [1, 2]


def test_one_number_is_read_as_kedro_passes_it(gated, tmp_path):
    assert compare(FAMILY, 2, PARAMETERS, gated, tmp_path)[FAMILY] == [2]


@pytest.mark.parametrize(
    ("family", "wanted", "error", "message"),
    [
        ("dubler", None, BadInputError, FAMILY),
        (None, None, BadInputError, "--params family="),
        (FAMILY, "newest", BadInputError, "no number"),
        (FAMILY, 1.5, BadInputError, "no number"),
        (FAMILY, "1+x2", BadInputError, "no number"),
        (FAMILY, "3+9", AtelierError, "no version 9 .* v1, v2, v3, v4"),
    ],
)
def test_a_mistake_is_an_error_that_says_what_to_change(gated, tmp_path, family, wanted, error, message):
    with pytest.raises(error, match=message):
        compare(family, wanted, PARAMETERS, gated, tmp_path)


def test_a_family_without_versions_is_an_error(registry, tmp_path):
    with pytest.raises(AtelierError, match="no version"):
        compare(FAMILY, None, PARAMETERS, registry, tmp_path)


def test_several_families_have_a_common_report_too(gated, tmp_path, monkeypatch):
    register_family(monkeypatch, "tripler", DoublerSettings, DoublerInputs)
    monkeypatch.setattr(gated, "name", lambda family: FAMILY)  # its versions are those of the first
    compare(f"{FAMILY}+tripler", None, {**PARAMETERS, "tripler": PARAMETERS[FAMILY]}, gated, tmp_path)
    page = (tmp_path / "comparison.html").read_text()
    assert page.count("<h1>") == 2
    assert page.count("<!doctype html>") == 1
    assert (tmp_path / "tripler" / "comparison.md").exists()
