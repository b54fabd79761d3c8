"""What a retraining does with the answers of the tools, which are made up here. The tools run in tests/system."""

import json
from pathlib import Path

import pytest

from atelier.errors import AtelierError
from atelier.registry.report.blocks import Heading
from atelier.registry.report.html import html
from pipelines.retrain.retrain import Retraining
from tests.helpers.projects import ROOT

FAMILY = "fast_style"
STALE = {f"lifecycle@{FAMILY}": [{"changed deps": {"key": "modified"}}]}
GATE = f"kedro run --env test --pipelines promote,package --nodes promote.{FAMILY},package"
LATER = "9999-01-01T00:00:00+00:00"


class FakeTools:
    """Stands for `Commands.run`: what DVC finds stale, and the verdict that `promote` leaves."""

    def __init__(self, data: Path, stale: dict[str, object], verdict: dict[str, object], failing: str = "") -> None:
        self.data, self.stale, self.verdict, self.failing = data, stale, verdict, failing
        self.gated = [FAMILY]  # families with a new verdict
        self.champion = 0  # number of the champion, where the verdict does not say it
        self.calls: list[str] = []

    def run(self, tool: str, *arguments: str, show: object = None) -> str:
        call = " ".join([tool, *arguments])
        self.calls.append(call)
        if self.failing and self.failing in call:
            raise AtelierError(f"{call} ended with 1")
        if "promote" in call:
            for name in self.gated:
                folder = self.data / "reports" / name
                folder.mkdir(parents=True, exist_ok=True)
                (folder / "verdict.json").write_text(json.dumps(self.verdict))
            champion = self.verdict["challenger" if self.verdict["promote"] else "champion"]
            self._package({name: f"test-{name}:v{self.champion or champion}-1a2b3c4d" for name in self.gated})
        if "compare" in call:
            for name in self.gated:
                folder = self.data / "reports" / name
                (folder / "comparison.md").write_text("# The comparison\n")
                (folder / "comparison.html").write_text(html([Heading(1, "The comparison")], name))
        warning = "WARNING: Process 1 had been killed.\n"
        return warning + json.dumps({"keys": ["always changed"], **self.stale}) if "status" in call else ""

    def _package(self, models: dict[str, str]) -> None:
        path = self.data / "models" / "bento.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        known = json.loads(path.read_text()) if path.exists() else {}
        path.write_text(json.dumps({**known, "models": models}))

    def attempt(self, tool: str, *arguments: str) -> tuple[str, int]:
        return "", 0  # no remote


@pytest.fixture
def retrain(tmp_path):
    """Run a retraining; returns whether it succeeded, the calls of the tools and the report."""

    def run(stale, promote, at, failing="", champion=0, family=FAMILY, gated=(FAMILY,)):
        (tmp_path / "dvc.yaml").write_text((ROOT / "dvc.yaml").read_text())
        retraining = Retraining(tmp_path, "test", [family])
        verdict = {"challenger": "2", "champion": "1", "promote": promote, "at": at}
        tools = FakeTools(retraining.data, stale, verdict, failing)
        tools.champion, tools.gated = champion, list(gated)
        retraining.commands = retraining.stages._commands = tools
        succeeded = retraining.run()
        return succeeded, tools.calls, (retraining.reports / "retraining.md").read_text()

    return run


def test_with_nothing_stale_dvc_runs_nothing_and_three_lines_are_printed(retrain, capsys):
    succeeded, calls, _ = retrain({}, promote=True, at="2026-01-01T00:00:00+00:00")
    assert succeeded
    assert not any("repro" in call or "compare" in call for call in calls)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("Nothing to train")
    assert lines[1] == f"Champions: {FAMILY} v2."


@pytest.mark.parametrize(("promote", "outcome", "champion"), [(True, "promoted", 2), (False, "rejected", 1)])
def test_a_new_verdict_is_reported_and_a_rejection_is_no_failure(retrain, promote, outcome, champion):
    succeeded, calls, report = retrain(STALE, promote, at=LATER)
    assert succeeded
    assert f"dvc repro --keep-going lifecycle@{FAMILY}" in calls
    assert f"kedro run --env test --pipelines compare --params family={FAMILY}" in calls
    assert [call for call in calls if "promote" in call] == [GATE]  # not for families that were not named
    assert f"{FAMILY}: v2 {outcome}." in report
    assert f"Champions: {FAMILY} v{champion}." in report
    assert report.endswith("# The comparison\n")


def test_one_html_file_has_the_summary_and_the_comparison(retrain, tmp_path):
    _, _, report = retrain(STALE, promote=True, at=LATER)
    page = (tmp_path / "data/test/reports/retraining.html").read_text()
    texts = [*filter(None, report.partition("# The")[0].replace("# ", "").splitlines()), "<h1>The comparison</h1>"]
    assert sorted(texts, key=page.index) == texts


def test_reports_of_before_do_not_count_as_those_of_this_retraining(retrain, tmp_path):
    retrain(STALE, promote=True, at=LATER)
    (tmp_path / "data/test/reports/comparison.html").write_text("several families")
    _, _, report = retrain({}, promote=True, at="2026-01-01T00:00:00+00:00")
    assert "The comparison" not in report
    assert not list((tmp_path / "data/test/reports").rglob("comparison.*"))
    assert "Nothing to train" in (tmp_path / "data/test/reports/retraining.html").read_text()


def test_a_judge_that_was_gated_with_the_family_that_it_judges_is_reported(retrain):
    judge, judged = "quickdraw_classifier", "quickdraw_gan"
    stale = {f"judged@{judged}": [{"changed deps": {"key": "modified"}}]}
    _, calls, report = retrain(stale, promote=True, at=LATER, family=judged, gated=(judged, judge))
    assert f"kedro run --env test --pipelines compare --params family={judged}+{judge}" in calls
    assert f"{judged}: v2 promoted; {judge}: v2 promoted." in report
    assert f"Champions: {judged} v2, {judge} v2." in report
    assert report.count("# The comparison") == 2


def test_a_judge_without_a_new_verdict_is_not_reported(retrain):
    _, _, report = retrain(STALE, promote=True, at=LATER, family="quickdraw_gan", gated=("quickdraw_gan",))
    assert "quickdraw_classifier" not in report


def test_after_a_failed_training_the_rest_is_done_and_the_whole_counts_as_failed(retrain, tmp_path):
    succeeded, calls, report = retrain(STALE, promote=False, at="2026-01-01T00:00:00+00:00", failing="repro")
    assert not succeeded
    assert GATE in calls
    assert "**A step failed.**\n\n    dvc repro" in report
    assert "A step failed" in (tmp_path / "data/test/reports/retraining.html").read_text()
    assert "Nothing to train" not in report
    assert "repro --keep-going" in report


def test_a_bento_is_tested_until_it_has_passed(retrain, tmp_path, monkeypatch):
    bento = tmp_path / "data/test/models/bento.json"
    bento.parent.mkdir(parents=True)
    bento.write_text('{"tag": "test-atelier:1"}')
    results = iter([AtelierError("/styles answered with 500"), ["/styles: 200"]])
    tested = []

    def smoke_test(folder, log):
        tested.append(folder.name)
        result = next(results)
        if isinstance(result, AtelierError):
            raise result
        return result

    monkeypatch.setattr("pipelines.retrain.retrain.smoke_test", smoke_test)
    outcomes = [retrain({}, promote=True, at="2026-01-01T00:00:00+00:00")[0] for _ in range(3)]
    assert outcomes == [False, True, True]
    assert tested == ["1", "1"]


def test_after_a_rollback_the_champion_is_that_of_the_registry(retrain, capsys):
    retrain({}, promote=True, at="2026-01-01T00:00:00+00:00", champion=1)  # the verdict was to promote v2
    assert f"Champions: {FAMILY} v1." in capsys.readouterr().out


def test_an_earlier_comparison_is_not_reported_again_when_the_new_one_fails(retrain, tmp_path):
    old = tmp_path / "data/test/reports" / FAMILY / "comparison.md"
    old.parent.mkdir(parents=True)
    old.write_text("# That of last week\n")
    succeeded, _, report = retrain(STALE, promote=True, at=LATER, failing="compare")
    assert not succeeded
    assert "last week" not in report


def test_an_answer_that_cannot_be_read_is_a_failure_with_a_report(retrain, tmp_path, monkeypatch):
    bento = tmp_path / "data/test/models/bento.json"
    bento.parent.mkdir(parents=True)
    bento.write_text('{"tag": "test-atelier:1"}')
    monkeypatch.setattr("pipelines.retrain.retrain.bentoml_home", lambda: tmp_path)
    succeeded, _, report = retrain({}, promote=True, at="2026-01-01T00:00:00+00:00")
    assert not succeeded
    assert "There is no bento" in report


def test_the_environment_is_that_of_the_stages(retrain, tmp_path):
    retrain({}, promote=True, at="")
    assert "- env: test" in (tmp_path / "dvc.yaml").read_text()
