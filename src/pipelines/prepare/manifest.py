"""Write the manifest of prepared data; the same for every data set."""

from collections.abc import Mapping
from pathlib import Path

from atelier.data.download.dvc import dvc_hash
from atelier.data.download.source import Source
from atelier.data.prepared.dataset import Manifest
from atelier.data.prepared.shards import ShardSummary
from atelier.preprocessing.spec import DrawingInput, PhotoInput


def write_manifest(
    building: Path,
    raw: Path,
    summary: ShardSummary,
    labels: tuple[str, ...],
    rejected: Mapping[str, int],
    preprocessing: DrawingInput | PhotoInput,
    fingerprint: str,
) -> Manifest:
    """Write `manifest.json`, the last file of a prepared folder: a folder without it is not complete.

    Parameters
    ----------
    building
        The folder that holds the shards.
    raw
        The raw folder that they were made from.
    rejected
        Reason → number of items that were left out.
    fingerprint
        Fingerprint of raw data and settings.
    """
    source = Source.read(raw)
    manifest = Manifest(
        dataset=source.request.dataset,
        labels=labels,
        counts=summary.counts,
        content_hash=summary.content_hash,
        split_hashes=summary.split_hashes,
        rejected=dict(rejected),
        source=source.request,
        raw_hash=dvc_hash(raw),
        licence=source.request.licence,
        preprocessing=preprocessing,
        fingerprint=fingerprint,
    )
    (building / "manifest.json").write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return manifest
