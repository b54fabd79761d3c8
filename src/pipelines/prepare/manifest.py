"""Write the manifest of prepared data; the same for every data set."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from atelier.data.download.dvc import dvc_hash
from atelier.data.download.source import Source
from atelier.data.prepared.dataset import Manifest, combined_hash
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
    split_hashes = _with_preprocessing(summary.split_hashes, preprocessing)
    manifest = Manifest(
        dataset=source.request.dataset,
        labels=labels,
        counts=summary.counts,
        content_hash=combined_hash(split_hashes),
        split_hashes=split_hashes,
        rejected=dict(rejected),
        source=source.request,
        raw_hash=dvc_hash(raw),
        licence=source.request.licence,
        preprocessing=preprocessing,
        fingerprint=fingerprint,
    )
    (building / "manifest.json").write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return manifest


def _with_preprocessing(hashes: Mapping[str, str], preprocessing: DrawingInput | PhotoInput) -> dict[str, str]:
    """Hashes that differ where the same items go with another preprocessing, which the card of a model repeats."""
    made = preprocessing.model_dump_json()
    return {split: hashlib.sha256(f"{items}\n{made}".encode()).hexdigest() for split, items in hashes.items()}
