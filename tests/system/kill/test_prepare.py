"""kill -9 while prepared data is being replaced: always the old or the new data, and the next run heals the rest."""

import random
import signal
import subprocess
import sys
import time

import pytest

from atelier.data.prepared.dataset import SPLITS, PreparedData
from pipelines.fetch.quickdraw import QuickdrawFetch, fetch
from pipelines.prepare.quickdraw import QuickdrawPrepare, prepare

PROGRAM = """
import sys
from pathlib import Path
from pipelines.prepare.quickdraw import prepare
from pipelines.prepare.quickdraw import QuickdrawPrepare
root = Path(sys.argv[1])
print("go", flush=True)
while True:
    for recognized_only in (True, False):
        prepare(root / "raw", root / "prepared", root / "reports", QuickdrawPrepare(recognized_only=recognized_only))
"""


@pytest.mark.system
def test_killed_while_replacing(tmp_path):
    raw = fetch(tmp_path / "raw", QuickdrawFetch(source="sample", categories=("sun", "tent"), items_per_category=60))
    wanted = {}
    for recognized_only in (True, False):
        settings = QuickdrawPrepare(recognized_only=recognized_only)
        manifest = prepare(raw, tmp_path / "prepared", tmp_path / "reports", settings).manifest
        wanted[manifest.content_hash] = manifest
    chance = random.Random(0)
    for _ in range(8):
        process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(tmp_path)], stdout=subprocess.PIPE)
        process.stdout.readline()
        time.sleep(chance.uniform(0.02, 0.3))
        process.send_signal(signal.SIGKILL)
        process.wait()
        prepared = PreparedData(tmp_path / "prepared")
        assert prepared.manifest == wanted[prepared.manifest.content_hash]
        for split in SPLITS:
            assert len(prepared.split(split)["image"]) == sum(prepared.manifest.counts[split].values())
    prepare(raw, tmp_path / "prepared", tmp_path / "reports", QuickdrawPrepare(max_bad_fraction=0.5))
    assert {path.name for path in tmp_path.iterdir()} == {"raw", "prepared", "reports"}
