"""Retraining from the source of the data to a tested bento and a report.

    pull → reproduce what is stale → promote → package → smoke test → report → push

A challenger that the gate rejects is a result, not a failure. When one family fails, the others go on, and the whole
counts as failed.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from atelier.atomic_files import write_atomically
from atelier.errors import AtelierError
from atelier.registry.report.blocks import Block, Command, Heading, Paragraph
from atelier.registry.report.html import html, with_preface
from atelier.registry.report.markdown import markdown
from pipelines.lifecycle.families import FAMILIES
from pipelines.package.store import bentoml_home
from pipelines.retrain.processes import Commands
from pipelines.retrain.smoke_test import smoke_test
from pipelines.retrain.stages import Stages

REPORT, PAGE = "retraining.md", "retraining.html"
"""The report: for terminals and GitHub, and with images."""
COMPARISON, COMPARISON_PAGE = "comparison.md", "comparison.html"
"""What `compare` writes."""
LOG = "retraining.log"
TESTED = "tested_bento.json"
"""The bento that passed the smoke test last."""


@dataclass
class Retraining:
    """One retraining.

    Parameters
    ----------
    project
        The folder with `dvc.yaml`.
    env
        The environment.
    families
        The families to retrain.
    """

    project: Path
    env: str
    families: Sequence[str]
    failures: list[str] = field(default_factory=list)
    """Messages of the steps that failed."""

    def __post_init__(self) -> None:
        self.data = self.project / "data" / self.env
        self.reports = self.data / "reports"
        self.commands = Commands(self.project, self.reports / LOG)
        self.stages = Stages(self.commands)
        judges = [judge for name in self.families for judge in FAMILIES[name].judges]
        self.gated = tuple(dict.fromkeys([*self.families, *judges]))  # DVC's stage `judged` gates the judge first
        self.started = datetime.now(UTC).isoformat(timespec="seconds")

    def run(self) -> bool:
        """Do all of it, print and write the report; returns whether nothing failed."""
        self.stages.set_environment(self.env)
        self._remove_old_reports()
        remote = self.stages.has_remote()
        if remote:
            self._step(lambda: self.stages.pull(self.families))
        self._step(self._reproduce)
        self._step(self._promote_and_package)
        decided = [name for name in self.gated if self._verdict(name).get("at", "") >= self.started]
        packed = self._state("models/bento.json").get("tag")
        text = self._summary(decided, packed)
        if packed and packed != self._state(f"reports/{TESTED}").get("tag"):
            self._step(lambda: self._smoke_test(packed))
        if decided:
            self._step(lambda: self._kedro("--pipelines", "compare", "--params", f"family={'+'.join(decided)}"))
        if remote and not self.failures:
            self._step(self.stages.push)
        self._finish(text, decided)
        return not self.failures

    def _reproduce(self) -> None:
        if self._is_anything_stale():
            self.stages.reproduce(self.families)

    def _is_anything_stale(self) -> bool:
        """Ask DVC. Where it finds nothing, look at the sources of the data and at the code, and ask it again.

        `dvc repro` would do the same, with a process for each data set.
        """
        if self.stages.stale(self.families):
            return True
        read = dict.fromkeys(name for family in self.gated for name in FAMILIES[family].input_types)
        looks = [*(f"fetch.{name}" for name in read), *(f"keys.{name}" for name in self.gated)]
        self._kedro("--pipelines", "fetch,keys", "--nodes", ",".join(looks))
        return bool(self.stages.stale(self.families))

    def _promote_and_package(self) -> None:
        """The gate for these families only, also where others have a challenger. The bento has all champions."""
        nodes = [f"promote.{name}" for name in self.families]
        self._kedro("--pipelines", "promote,package", "--nodes", ",".join([*nodes, "package"]))
        lost = [name for name in self.families if not self._verdict(name) and (self.data / "models" / name).exists()]
        if lost:  # models that were pulled into a clone whose registry does not know them
            for name in lost:
                self.stages.repeat(name)
                self._kedro("--nodes", f"promote.{name}")
            self._kedro("--pipelines", "package")

    def _smoke_test(self, tag: str) -> None:
        name, _, version = tag.partition(":")
        tested = smoke_test(bentoml_home() / "bentos" / name / version, self.reports / "smoke_test.log")
        print(f"Smoke test of {tag}:", *tested, sep="\n  ")
        write_atomically(self.reports / TESTED, json.dumps({"tag": tag}) + "\n")

    def _kedro(self, *arguments: str) -> None:
        self.commands.run("kedro", "run", "--env", self.env, *arguments)

    def _step(self, function: Any) -> None:
        """Run a step; a failure is kept for the report."""
        try:
            function()
        except AtelierError as error:
            self.failures.append(str(error))
            print(f"error: {error}", flush=True)

    def _state(self, path: str) -> dict[str, Any]:
        """A JSON document in the data folder; empty where there is none."""
        file = self.data / path
        return dict(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else {}

    def _verdict(self, family: str) -> dict[str, Any]:
        return self._state(f"reports/{family}/verdict.json")

    def _remove_old_reports(self) -> None:
        """After a crash, an old report would count as that of this retraining."""
        for folder in (self.reports, *(self.reports / name for name in self.gated)):
            for name in (REPORT, PAGE, COMPARISON, COMPARISON_PAGE):
                (folder / name).unlink(missing_ok=True)

    def _summary(self, decided: Sequence[str], bento: str | None) -> str:
        """Three lines: what was done, the champions, the bento."""
        if decided:
            first = "; ".join(f"{name}: {_decision(self._verdict(name))}" for name in decided) + "."
        elif self.failures:
            first = "No challenger was gated, because a step failed."
        else:
            first = "Nothing to train: no data, parameter or code that determines a model has changed."
        packed = self._state("models/bento.json").get("models", {})  # what the registry names as champion
        named = dict.fromkeys([*self.families, *decided])
        champions = (f"{name} {_number(packed.get(name))}" for name in named)
        return f"{first}\nChampions: {', '.join(champions)}.\nBento: {bento or 'none, there is no champion'}.\n"

    def _finish(self, text: str, decided: Sequence[str]) -> None:
        """Print the summary, and write it with the failures and the reports on the families, as Markdown and HTML."""
        print(text, end="", flush=True)
        title = f"Retraining, env {self.env}"
        blocks: list[Block] = [Heading(1, title), *map(Paragraph, text.splitlines())]
        for failure in self.failures:
            blocks += [Paragraph("A step failed.", strong=True), Command(failure)]
        reports = [path for name in decided if (path := self.reports / name / COMPARISON).exists()]
        parts = [markdown(blocks), *(path.read_text(encoding="utf-8") for path in reports)]
        write_atomically(self.reports / REPORT, "\n".join(parts))
        page = (self.reports / decided[0] if len(decided) == 1 else self.reports) / COMPARISON_PAGE
        made = page.read_text(encoding="utf-8") if page.exists() else html([], title)
        write_atomically(self.reports / PAGE, with_preface(made, blocks))
        if reports:
            print(f"Report: {self.reports / REPORT}, and with images {self.reports / PAGE}")


def _decision(verdict: dict[str, Any]) -> str:
    return f"v{verdict['challenger']} {'promoted' if verdict['promote'] else 'rejected'}"


def _number(packed: str | None) -> str:
    """`v2` of a packaged model such as `fast_style:v2-1a2b3c4d`."""
    return packed.partition(":")[2].partition("-")[0] if packed else "none"
