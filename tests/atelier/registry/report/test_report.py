import re

import pytest

from atelier.errors import AtelierError
from atelier.registry.gate.verdict_rows import rows
from atelier.registry.promotion import run_gate
from atelier.registry.report.html import html
from atelier.registry.report.markdown import markdown
from atelier.registry.report.report import make_report
from tests.atelier.registry.report.conftest import default_report, report_of
from tests.helpers.registries import FAMILY, GATE, TEST_HASH, add_adopted, gate_version, remove_run


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


def test_an_adopted_version_has_no_changed_parameters_and_data_but_an_origin(two, tmp_path):
    add_adopted(two, tmp_path, "notebook.onnx")
    text = markdown(report_of(two).blocks())
    assert "v3 was adopted from notebook.onnx (SHA-256 555555555555): it was trained elsewhere" in text
    assert "| parameter | v2 | v1 |" in text
    assert "The data of v3 are not known here" in text
    assert "read by" not in text
    assert "| adopted from |  |  | notebook.onnx |" in text


def test_with_one_version_that_was_trained_here_there_is_nothing_to_compare_in_parameters(two, tmp_path):
    adopted = add_adopted(two, tmp_path, "notebook.onnx")
    text = markdown(make_report(two, [two.version(FAMILY, 1), adopted], GATE).blocks())
    assert "v3 was adopted from notebook.onnx" in text
    assert "| parameter |" not in text
    assert "All parameters are equal" not in text


def test_who_adopted_a_rejected_model_is_not_advised_to_train(versions, tmp_path):
    gate_version(versions, 3)
    add_adopted(versions, tmp_path, "notebook.onnx", right=105)
    run_gate(versions, FAMILY, GATE, TEST_HASH, None)
    text = markdown(default_report(versions).blocks())
    assert "Adopt a better model" in text
    assert f"{FAMILY},promote" not in text


def test_the_rows_are_those_of_the_verdict(versions):
    gate_version(versions, 3)
    verdict = gate_version(versions, 4)
    text = markdown(default_report(versions).blocks())
    for row in rows(verdict, directions=True):
        assert f"| {' | '.join(row)} |" in text
    for row in rows(verdict):
        assert f"| {' | '.join(row)} |" in verdict.markdown()


def test_a_version_whose_run_was_deleted_is_left_out_and_named(versions):
    for number in (1, 2, 3):
        gate_version(versions, number)
    gate_version(versions, 4)
    remove_run(versions, 2)  # previous
    text = markdown(default_report(versions).blocks())
    assert "v4 (challenger) against v3 (champion)\n\n**v4 is rejected." in text
    assert f"deleted (mlflow gc): {FAMILY} v2 (run " in text


def test_when_all_runs_were_deleted_it_is_said_what_is_missing(versions):
    for number in (1, 2):
        remove_run(versions, number)
    wanted = [versions.version(FAMILY, number) for number in (1, 2)]
    with pytest.raises(AtelierError, match=rf"deleted \(mlflow gc\): {FAMILY} v1 .*{FAMILY} v2 .*Train one"):
        make_report(versions, wanted, GATE)


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
