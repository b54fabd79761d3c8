"""SIGKILL while prepared data is replaced: the folder holds the old or the new data, and the next run cleans up."""

import random
import signal
import subprocess
import sys
import time

import pytest

from atelier.data.prepared.dataset import SPLITS, PreparedData
from pipelines.fetch.quickdraw import fetch
from pipelines.prepare.quickdraw import prepare
from tests.helpers.data_settings import quickdraw_fetch, quickdraw_prepare

PROGRAM = """
import sys
from pathlib import Path
from pipelines.prepare.quickdraw import QuickdrawPrepare, prepare
root = Path(sys.argv[1])
print("started", flush=True)
while True:
    for settings in map(QuickdrawPrepare.model_validate_json, sys.argv[2:]):
        prepare(root / "raw", root / "prepared", root / "reports", settings)
"""


@pytest.mark.system
def test_a_killed_replacement_leaves_the_old_or_the_new_data(tmp_path):
    raw = fetch(tmp_path / "raw", quickdraw_fetch(source="sample", categories=("sun", "tent"), items_per_category=60))
    both = [quickdraw_prepare(recognized_only=recognized_only) for recognized_only in (True, False)]
    expected = {}
    for settings in both:
        manifest = prepare(raw, tmp_path / "prepared", tmp_path / "reports", settings).manifest
        expected[manifest.content_hash] = manifest
    command = [sys.executable, "-c", PROGRAM, str(tmp_path), *(settings.model_dump_json() for settings in both)]
    rng = random.Random(0)
    for _ in range(8):
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        process.stdout.readline()
        time.sleep(rng.uniform(0.02, 0.3))
        process.send_signal(signal.SIGKILL)
        process.wait()
        prepared = PreparedData(tmp_path / "prepared")
        assert prepared.manifest == expected[prepared.manifest.content_hash]
        for split in SPLITS:
            assert len(prepared.split(split)["image"]) == sum(prepared.manifest.counts[split].values())
    prepare(raw, tmp_path / "prepared", tmp_path / "reports", quickdraw_prepare(max_bad_fraction=0.5))
    kept = {"raw", ".raw.notes.json", "prepared", "reports"}
    assert {path.name for path in tmp_path.iterdir()} == kept
