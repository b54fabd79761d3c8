"""The manifest of a data set that has just been prepared: what is the same for all of them, in one place."""

from collections.abc import Mapping
from pathlib import Path

from atelier.data.download.dvc import dvc_hash
from atelier.data.download.source import Source
from atelier.data.prepared.dataset import Manifest
from atelier.data.prepared.shards import Built
from atelier.preprocessing.spec import DrawingInput, PhotoInput


def write_manifest(
    building: Path,
    raw: Path,
    built: Built,
    labels: tuple[str, ...],
    rejected: Mapping[str, int],
    preprocessing: DrawingInput | PhotoInput,
    made_from: str,
) -> Manifest:
    """Write `manifest.json`, the last file of a prepared folder, which is finished with it.

    Parameters
    ----------
    building
        Holds the shards.
    raw
        What they were made from.
    rejected
        Reason → items that were left out.
    made_from
        Fingerprint of raw data and settings.
    """
    source = Source.read(raw)
    manifest = Manifest(
        dataset=source.request.dataset,
        labels=labels,
        counts=built.counts,
        content_hash=built.content_hash,
        split_hashes=built.split_hashes,
        rejected=dict(rejected),
        source=source.request,
        raw_hash=dvc_hash(raw),
        licence=source.request.licence,
        preprocessing=preprocessing,
        made_from=made_from,
    )
    (building / "manifest.json").write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return manifest
