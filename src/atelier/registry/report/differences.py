"""How two versions differ in parameters, data and cost, as tables."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from atelier.evaluation.drift import LARGE, MODERATE, by_chance, label_stability_index, stability_index
from atelier.registry.report.blocks import Block, Heading, Paragraph, Table
from atelier.registry.report.facts import DataFacts, VersionFacts

_MOST_ROWS = 40
"""Of a table of counts; the largest changes are shown."""
_HASH = 12
"""Digits of a hash that are shown."""


def parameters(versions: Sequence[VersionFacts]) -> Iterator[Block]:
    """The parameters that are not the same in all versions. Those of an adopted version are not known."""
    yield from (Paragraph(text) for each in versions if (text := _adoption(each)))
    trained = [each for each in versions if each.card.lineage.adopted is None]
    names = sorted({name for each in trained for name in each.parameters})
    rows = [[name, *(each.parameters.get(name, "") for each in trained)] for name in names]
    changed = [row for row in rows if len(set(row[1:])) > 1]
    if changed:
        yield Table(["parameter", *(each.name for each in trained)], changed)
    elif len(trained) > 1:
        yield Paragraph("All parameters are equal.")


def _adoption(facts: VersionFacts) -> str:
    """A sentence about the origin of an adopted version; empty for one that was trained here."""
    origin = facts.card.lineage.adopted
    if origin is None:
        return ""
    what = f"v{facts.version.number} was adopted from {origin.name} (SHA-256 {origin.sha256[:_HASH]})"
    return f"{what}: it was trained elsewhere, with parameters and data that are not known here."


def data(subject: VersionFacts, other: VersionFacts) -> Iterator[Block]:
    """What changed in each data set, from the other version to the subject."""
    adopted = [f"v{each.version.number}" for each in (other, subject) if each.card.lineage.adopted]
    if adopted:
        yield Paragraph(f"The data of {' and '.join(adopted)} are not known here, so they cannot be compared.")
        return
    for name in sorted({*subject.data, *other.data}):
        if name not in subject.data or name not in other.data:
            only = subject if name in subject.data else other
            yield Paragraph(f"{name}: read by v{only.version.number} only.")
        elif subject.data[name].hashes == other.data[name].hashes:
            yield Paragraph(f"{name}: unchanged, content {subject.data[name].hashes['content'][:_HASH]}.")
        else:
            yield from _changed(name, other.data[name], subject.data[name], _columns(other, subject))


def cost(versions: Sequence[VersionFacts]) -> Table:
    """What each version costs to train and to ask."""
    totals = [(each, each.card.total_cost) for each in versions]
    rows = [
        ["trainable parameters", *(f"{each.card.parameters:,}" for each in versions)],
        ["size, MB", *(f"{total.size_mb:.2f}" for _, total in totals)],
        ["latency p50, ms", *(f"{total.latency_p50_ms:.2f}" for _, total in totals)],
        ["latency p95, ms", *(f"{total.latency_p95_ms:.2f}" for _, total in totals)],
        ["parity of the export", *(f"{each.card.largest_parity:.2g}" for each in versions)],
        ["run, minutes", *(_minutes(each.minutes) for each in versions)],
        ["training, processor minutes", *(_minutes(each.processor_minutes) for each in versions)],
        ["machine", *(each.machine for each in versions)],
    ]
    return Table(["", *(each.name for each in versions)], rows)


def _minutes(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def lineage(versions: Sequence[VersionFacts]) -> Table:
    """Where each version comes from."""
    lines = [(each, each.card.lineage) for each in versions]
    adopted = [line.adopted.name if line.adopted else "" for _, line in lines]
    judges = [", ".join(f"{name} v{number}" for name, number in line.judges.items()) for _, line in lines]
    rows = [
        ["created", *(line.created for _, line in lines)],
        ["commit", *(_short_commit(line.git_commit) for _, line in lines)],
        ["run", *(line.run_id[:8] for _, line in lines)],
        *([["adopted from", *adopted]] if any(adopted) else []),
        *([["judged by", *judges]] if any(judges) else []),
    ]
    return Table(["", *(each.name for each in versions)], rows)


def _short_commit(commit: str) -> str:
    """The beginning of a commit, with the mark of one that had changes."""
    number, dirty, _ = commit.partition("-dirty")
    return number[:_HASH] + dirty


def _columns(other: VersionFacts, subject: VersionFacts) -> list[str]:
    return [other.name, subject.name]


def _changed(name: str, before: DataFacts, after: DataFacts, columns: list[str]) -> Iterator[Block]:
    totals = [sum(sum(split.values()) for split in each.counts.values()) for each in (before, after)]
    yield Heading(3, f"{name}: {totals[0]:,} items before, {totals[1]:,} now ({totals[1] - totals[0]:+,})")
    yield from _table("items", _counts(before), _counts(after), columns)
    yield from _table("left out", before.rejected, after.rejected, columns)
    hashes = [[key, before.hashes[key][:_HASH], after.hashes[key][:_HASH]] for key in after.hashes]
    sources = [] if before.source == after.source else [["source", before.source, after.source]]
    yield Table(["hash", *columns], hashes + sources)
    yield _drift(before, after, columns)


def _counts(found: DataFacts) -> dict[str, int]:
    """`<split>` and `<split> / <label>` → number of items."""
    counts = {split: sum(labels.values()) for split, labels in found.counts.items()}
    return counts | {
        f"{split} / {label}": count
        for split, labels in found.counts.items()
        for label, count in sorted(labels.items())
        if label
    }


def _table(title: str, before: Mapping[str, int], after: Mapping[str, int], columns: list[str]) -> Iterator[Block]:
    """The counts that changed, the largest changes first where there are many."""
    changes = {name: after.get(name, 0) - before.get(name, 0) for name in [*after, *(before.keys() - after.keys())]}
    changed = [name for name, change in changes.items() if change]
    if not changed:
        return
    shown = set(sorted(changed, key=lambda name: -abs(changes[name]))[:_MOST_ROWS])
    rows = [
        [name, f"{before.get(name, 0):,}", f"{after.get(name, 0):,}", f"{changes[name]:+,}"]
        for name in changed
        if name in shown
    ]
    yield Table([title, *columns, "difference"], rows)
    if len(changed) > len(rows):
        yield Paragraph(f"{len(changed) - len(rows)} smaller changes are not shown.")


def _drift(before: DataFacts, after: DataFacts, columns: list[str]) -> Block:
    labels = [sum((Counter(split) for split in each.counts.values()), Counter()) for each in (before, after)]
    rows = []
    if set(labels[0]) | set(labels[1]) != {""}:
        rows.append(["labels", "", "", *_reading(label_stability_index(*labels), 0.0)])
    for name in sorted(before.statistics.keys() & after.statistics.keys()):
        pair = before.statistics[name], after.statistics[name]
        rows.append([name, *(f"{each.mean:.2f}" for each in pair), *_reading(stability_index(*pair), by_chance(*pair))])
    if not rows:
        return Paragraph("Drift: no statistics of these data were logged.")
    return Table(["drift", *(f"mean, {column}" for column in columns), "PSI", "which is"], rows)


def _reading(index: float, chance: float) -> tuple[str, str]:
    """A stability index and what it means; below what chance alone gives, it means nothing."""
    if index < max(MODERATE, chance):
        return f"{index:.3f}", "none"
    return f"{index:.3f}", "moderate" if index < LARGE else "large"
