import re

import pytest

from atelier.errors import AtelierError
from atelier.registry.report.html import html
from atelier.registry.report.markdown import markdown
from atelier.registry.report.report import make_report
from tests.atelier.registry.report.conftest import default_report, report_of
from tests.helpers.registries import FAMILY, GATE, gate_version


def test_a_rejected_challenger_is_reported_with_the_reason_and_the_difference(versions):
    gate_version(versions, 3)
    verdict = gate_version(versions, 4)
    report = default_report(versions)
    text = markdown(report.blocks())
    assert text.startswith(f"# {FAMILY}: v4 (challenger) against v3 (champion)\n\n**v4 is rejected. top1 is worse:")
    assert verdict.sentence() in text
    assert "0.8000" in text
    assert "-0.2500" in text
    assert "The service goes on with the champion." in text


def test_a_promoted_challenger_is_compared_with_its_predecessor(versions):
    gate_version(versions, 1)
    gate_version(versions, 3)
    text = markdown(default_report(versions).blocks())
    assert "v3 (champion) against v1 (previous)" in text
    assert "**v3 is promoted." in text
    assert "+0.3000" in text
    assert f"kedro run --pipelines rollback --params family={FAMILY}" in text


def test_any_versions_are_compared_on_the_test_items_that_they_share_and_nothing_is_stored(versions):
    before = [version.tags for version in versions.history(FAMILY)]
    text = markdown(report_of(versions).blocks())
    assert "The gate has not compared v4 with these versions." in text
    assert re.findall(r"Against v(\d), on 200 test items", text) == ["3", "2", "1"]
    assert [version.tags for version in versions.history(FAMILY)] == before


def test_the_first_version_is_reported_alone(versions):
    gate_version(versions, 1)
    text = markdown(default_report(versions).blocks())
    assert f"# {FAMILY}: v1 (champion)\n" in text
    assert "**v1 is promoted. There was no champion" in text
    assert "| rule | v1 | limit | outcome |" in text
    assert "## Parameters" not in text


def test_without_a_version_there_is_nothing_to_report(registry):
    with pytest.raises(AtelierError, match="no version"):
        make_report(registry, [], GATE)


def test_changes_of_parameters_and_data_are_named(two):
    text = markdown(report_of(two).blocks())
    assert "| model.width | 8 | 16 |" in text
    assert "training.seed" not in text
    assert "points: 6 items before, 56 now (+50)" in text
    assert "| train / b | 3 | 53 | +50 |" in text
    assert "| truncated | 0 | 1 | +1 |" in text
    assert "| duplicate" not in text


def test_equal_parameters_and_data_are_said_to_be_equal(versions):
    assert "All parameters are equal." in markdown(report_of(versions).blocks())


def test_the_html_file_holds_the_images_and_asks_for_nothing_from_outside(versions):
    gate_version(versions, 3)
    gate_version(versions, 4)
    report = default_report(versions)
    page = html(report.blocks(), report.title)
    assert len(re.findall(r'<img src="data:image/webp;base64,', page)) == 2
    assert re.findall(r'(?:src|href)="(?!data:|http://localhost:5000/)', page) == []
    assert "<script" not in page


def test_names_from_outside_are_escaped(two):
    report = report_of(two)
    report.subject.parameters["model.<b>|"] = "1"
    assert "<b>" not in html(report.blocks(), "<b>")
    assert "| model.<b>\\| |" in markdown(report.blocks())
