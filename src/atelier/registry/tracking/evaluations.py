"""Results on test items, as artifacts of the run that made a version.

evaluations/<test hash>/items.npz      one number per test item and metric, and the items' ids
evaluations/<test hash>/metrics.json   every metric with its interval
evaluations/<test hash>/pictures/      images of the results
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from atelier.errors import BadInputError
from atelier.evaluation.results import Evaluation
from atelier.registry.tracking import downloads


def read(client: Any, run_id: str, test_hash: str) -> Evaluation | None:
    """The results on the test items with this hash, without tables; None where there are none."""
    folder = _folder(test_hash)
    stored = {found.path for found in client.list_artifacts(run_id, folder)}
    if f"{folder}/metrics.json" not in stored:
        return None
    with downloads.run_artifact(client, run_id, folder) as path:
        return Evaluation.read(path)


def write(client: Any, run_id: str, test_hash: str, evaluation: Evaluation) -> None:
    """Store results. The metrics are written last: without them, the rest is ignored."""
    folder = _folder(test_hash)
    write_images(client, run_id, f"{folder}/pictures", evaluation.pictures)
    with TemporaryDirectory() as temporary:
        replace(evaluation, pictures={}, tables={}).write(Path(temporary))
        for name in ("items.npz", "metrics.json"):
            client.log_artifact(run_id, str(Path(temporary, name)), folder)


def write_images(client: Any, run_id: str, folder: str, images: Mapping[str, bytes]) -> None:
    """Store images, file name → PNG bytes, in a folder of a run's artifacts."""
    with TemporaryDirectory() as temporary:
        for name, content in images.items():
            path = Path(temporary, name)
            path.write_bytes(content)
            client.log_artifact(run_id, str(path), folder)


def _folder(test_hash: str) -> str:
    if not test_hash:
        raise BadInputError(
            "An evaluation needs the hash of its test split. Take it from atelier.registry.tracking.lineage."
        )
    return f"evaluations/{test_hash[:16]}"
