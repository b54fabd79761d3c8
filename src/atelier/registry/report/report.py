"""The report on some versions of a family: verdict, images, metrics, parameters, data, cost, links, what to do next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from atelier.errors import AtelierError
from atelier.registry.gate.gate import Candidate, decide
from atelier.registry.gate.intervals import with_interval
from atelier.registry.gate.settings import GateSettings
from atelier.registry.gate.verdict import Verdict
from atelier.registry.gate.verdict_rows import rows, without_empty_columns
from atelier.registry.models import Registry
from atelier.registry.report import differences, facts
from atelier.registry.report.blocks import Block, Command, Heading, Links, Paragraph, Pictures, Table
from atelier.registry.report.facts import VersionFacts
from atelier.registry.version import Version


@dataclass(frozen=True)
class Report:
    """A report on two or more versions, or on the only one of a family."""

    subject: VersionFacts
    """The version that is judged: the challenger where it is among them, else the newest."""
    others: Sequence[VersionFacts]
    """The versions that it is compared with: the champion first, then the newest."""
    verdicts: Sequence[Verdict | None]
    """For each of `others`, the subject's verdict against it; None where they share no test items."""
    stored: bool
    """Whether the first verdict is the gate's own. Otherwise it was computed for this report and decides nothing."""
    left_out: Sequence[Version] = ()
    """The versions whose run was deleted, so that nothing of them can be compared."""

    @property
    def family(self) -> str:
        return self.subject.version.family

    @property
    def versions(self) -> list[VersionFacts]:
        return [*self.others, self.subject]

    @property
    def title(self) -> str:
        against = f" against {', '.join(each.name for each in self.others)}" if self.others else ""
        return f"{self.family}: {self.subject.name}{against}"

    def blocks(self) -> list[Block]:
        """The whole report."""
        return [Heading(1, self.title), *_verdict(self), *_pictures(self), *_details(self), *_next_steps(self)]


def default_versions(registry: Registry, family: str) -> list[Version]:
    """Champion, challenger and previous, as far as they exist."""
    numbers = sorted(set(registry.aliases(family).values()))
    return [registry.version(family, number) for number in numbers]


def make_report(registry: Registry, versions: Sequence[Version], settings: GateSettings) -> Report:
    """Compare versions of one family by the rules of its gate. Nothing is evaluated, stored or promoted.

    Raises
    ------
    AtelierError
        Without any version whose run exists.
    """
    kept = [version for version in versions if registry.is_complete(version)]
    left_out = [version for version in versions if version not in kept]
    if not kept:
        train = "Train one, with the same --env: kedro run"
        raise AtelierError(
            f"{_left_out(left_out)} {train}" if left_out else f"There is no version to report on. {train}"
        )
    found = sorted(facts.read(registry, kept), key=lambda each: each.version.number)
    subject = next((each for each in found if "challenger" in each.aliases), found[-1])
    others = [each for each in found if each is not subject]
    others.sort(key=lambda each: ("champion" not in each.aliases, -each.version.number))
    own = subject.version.verdict()
    if own is not None:  # the gate's own comparison first, also when its champion is only `previous` today
        others.sort(key=lambda each: str(each.version.number) != own.champion)
    stored = own is not None and (not others or own.champion == str(others[0].version.number))
    computed = [_computed(subject, other, settings) for other in others]
    return Report(subject, others, [own, *computed[1:]] if stored else computed, stored, left_out)


def _left_out(versions: Sequence[Version]) -> str:
    names = ", ".join(f"{version} (run {version.run_id[:8]})" for version in versions)
    return f"Not compared, because the run with the card and the results was deleted (mlflow gc): {names}."


def _computed(subject: VersionFacts, other: VersionFacts, settings: GateSettings) -> Verdict | None:
    if subject.test_hash != other.test_hash or subject.evaluation is None or other.evaluation is None:
        return None
    pair = [
        Candidate(str(each.version.number), each.card, evaluation)
        for each, evaluation in ((subject, subject.evaluation), (other, other.evaluation))
    ]
    try:
        return decide(pair[0], pair[1], settings)
    except AtelierError:  # an evaluation of an earlier version has not all metrics that today's rules name
        return None


def _verdict(report: Report) -> Iterator[Block]:
    own = report.verdicts[0] if report.stored else None
    number = report.subject.version.number
    sentence = own.sentence() if own else f"The gate has not compared v{number} with these versions."
    yield Paragraph(sentence, strong=True)
    if report.left_out:
        yield Paragraph(_left_out(report.left_out))
    if own and not report.others:
        yield _rules(own)
    for other, verdict in zip(report.others, report.verdicts, strict=False):
        if verdict is None:
            yield Paragraph(f"Against {other.name}: not measured on the same test items.")
            continue
        yield Heading(3, f"Against {other.name}, on {verdict.test_items:,} test items")
        yield _rules(verdict)


def _rules(verdict: Verdict) -> Table:
    before = f"v{verdict.champion}" if verdict.champion else "no champion"
    header = ("rule", before, f"v{verdict.challenger}", "difference (95 %)", "limit", "outcome")
    return Table(*without_empty_columns(header, rows(verdict, directions=True)))


def _pictures(report: Report) -> Iterator[Block]:
    """The images that all versions have, else those of the subject."""
    sets = [dict(each.evaluation.pictures) if each.evaluation else {} for each in report.versions]
    names = set.intersection(*map(set, sets)) or set(sets[-1])
    if names:
        yield Heading(2, "Results side by side")
    for name in sorted(names):
        titled = [(each.name, found[name]) for each, found in zip(report.versions, sets, strict=True) if name in found]
        yield Pictures(name.rpartition(".")[0].replace("_", " "), titled)


def _details(report: Report) -> Iterator[Block]:
    versions = report.versions
    if report.others:
        yield Heading(2, "Parameters")
        yield from differences.parameters(versions)
        yield Heading(2, f"Data, from {report.others[0].name} to {report.subject.name}")
        yield from differences.data(report.subject, report.others[0])
    yield Heading(2, "All test metrics")
    measured = [each.evaluation.metrics if each.evaluation else each.card.metrics for each in versions]
    names = sorted({name for metrics in measured for name in metrics})
    lines = [[name, *(with_interval(metrics.get(name)) for metrics in measured)] for name in names]
    yield Table(["metric (95 %)", *(each.name for each in versions)], lines)
    yield Heading(2, "Cost")
    yield differences.cost(versions)
    yield Heading(2, "Runs")
    yield differences.lineage(versions)
    yield Links([(f"run of {each.name} in MLflow", each.link) for each in versions])
    if any(each.link.startswith("http://localhost:5000/") for each in versions):
        yield Paragraph("The links work while MLflow's page runs on this machine: make ui")


def _next_steps(report: Report) -> Iterator[Block]:
    yield Heading(2, "What to do next")
    number, family = report.subject.version.number, report.family
    if "champion" in report.subject.aliases:
        yield Paragraph(f"v{number} is champion. Package and serve it:")
        yield Command("kedro run --pipelines package && bentoml serve")
        if report.others:
            yield Paragraph("If it proves worse in use, go back:")
            yield Command(f"kedro run --pipelines rollback --params family={family}")
    elif "challenger" not in report.subject.aliases:
        yield Paragraph(f"v{number} is neither champion nor challenger. Train anew and let the gate decide:")
        yield Command(f"kedro run --pipelines {family},promote,package")
    elif report.stored:
        adopted = report.subject.card.lineage.adopted is not None
        yield Paragraph(
            "The service goes on with the champion. Look at the images and at what changed above. "
            f"{'Adopt a better model' if adopted else 'Change parameters or data'}, or, if the loss is acceptable, "
            f"change the rules under gate in conf/*/parameters_{family}.yml. Then run:"
        )
        yield Command(f"kedro run --pipelines {'' if adopted else f'{family},'}promote,package")
    else:
        yield Paragraph("Let the gate decide:")
        yield Command("kedro run --pipelines promote,package")
    yield Paragraph("Give all commands the --env of this run.")
