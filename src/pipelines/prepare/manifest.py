"""Write the manifest of prepared data; the same for every data set."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from atelier.data.download.dvc import dvc_hash
from atelier.data.download.source import Source
from atelier.data.prepared.dataset import Manifest, combined_hash
from atelier.data.prepared.shard_files import ShardSummary
from atelier.preprocessing.spec import Preprocessing


def write_manifest(
    building: Path,
    raw: Path,
    summary: ShardSummary,
    labels: tuple[str, ...],
    rejected: Mapping[str, int],
    preprocessing: Preprocessing,
    fingerprint: str,
    attributes: tuple[str, ...] = (),
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
    attributes
        What the columns of the field `attributes` hold, where the items have one.
    """
    source = Source.read(raw)
    split_hashes = _with_description(summary.split_hashes, preprocessing, attributes)
    manifest = Manifest(
        dataset=source.request.dataset,
        labels=labels,
        attributes=attributes,
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


def _with_description(
    hashes: Mapping[str, str], preprocessing: Preprocessing, attributes: tuple[str, ...]
) -> dict[str, str]:
    """Hashes that differ where the same items go with another preprocessing or other names of attributes."""
    made = "\n".join([preprocessing.model_dump_json(), *attributes])
    return {split: hashlib.sha256(f"{items}\n{made}".encode()).hexdigest() for split, items in hashes.items()}
