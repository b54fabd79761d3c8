"""A model card as a Markdown page, in the form that model hubs read: YAML metadata, then text.

The metadata follow Hugging Face's specification of model cards (https://huggingface.co/docs/hub/model-cards).
"""

from collections.abc import Iterable, Sequence

import yaml

from atelier.model_card import ModelCard, Tensor
from atelier.registry.gate.intervals import with_interval


def card_page(card: ModelCard) -> str:
    """The page of a model version."""
    sections = {
        "Intended use": card.spec.intended_use,
        "Limits": card.spec.limits,
        "Test results": _table(
            ("metric", "value (95 % interval)"),
            ((name, with_interval(metric)) for name, metric in sorted(card.metrics.items())),
        ),
        "Inputs and outputs": _table(("part", "tensor", "type", "shape", "range", "unit"), _tensors(card)),
        "Cost of one answer": _table(
            ("part", "median, ms", "95th percentile, ms", "size, MB"),
            (
                (part, f"{cost.latency_p50_ms:.3g}", f"{cost.latency_p95_ms:.3g}", f"{cost.size_mb:.3g}")
                for part, cost in card.cost.items()
            ),
        ),
        "Data": _table(
            ("data set", "source", "content hash", "licence"),
            (
                (name, card.lineage.sources.get(name, ""), content[:16], card.lineage.licences.get(name, ""))
                for name, content in card.lineage.data.items()
            ),
        ),
        "Origin": f"Run `{card.lineage.run_id}` of experiment `{card.lineage.experiment}`, commit "
        f"`{card.lineage.git_commit}`, {card.lineage.created}. {card.parameters:,} parameters.{_adopted(card)}",
    }
    body = "\n\n".join(f"## {heading}\n\n{text}" for heading, text in sections.items())
    return f"---\n{yaml.safe_dump(_metadata(card), sort_keys=False)}---\n\n# {card.family}\n\n{body}\n"


def _adopted(card: ModelCard) -> str:
    origin = card.lineage.adopted
    return f" Trained elsewhere: {origin.sentence()}." if origin else ""


def _metadata(card: ModelCard) -> dict[str, object]:
    metrics = [{"type": name, "value": metric.value} for name, metric in sorted(card.metrics.items())]
    data = [{"name": name, "type": name} for name in card.lineage.data]
    results = [{"task": {"type": card.family}, "dataset": each, "metrics": metrics} for each in data[:1]]
    return {
        "library_name": "onnx",
        "license": "other",
        "license_name": "; ".join(sorted(set(card.lineage.licences.values()))),
        "tags": ["atelier", card.family],
        "model-index": [{"name": card.family, "results": results}],
    }


def _tensors(card: ModelCard) -> Iterable[tuple[str, ...]]:
    for part, spec in card.spec.parts.items():
        for tensor in (*spec.inputs, *spec.outputs):
            yield part, tensor.name, tensor.dtype, str(list(tensor.shape)), _range(tensor), tensor.unit


def _range(tensor: Tensor) -> str:
    return "" if tensor.range is None else f"{tensor.range[0]:g} to {tensor.range[1]:g}"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
