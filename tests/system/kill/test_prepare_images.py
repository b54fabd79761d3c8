"""kill -9 while images are decoded or put together: the next run goes on, and ends as an unbroken one."""

import random
import signal
import subprocess
import sys
import time
from functools import partial

import psutil
import pytest

from atelier.data.download.archives import packs
from atelier.data.prepared.dataset import PreparedData
from pipelines.fetch import images
from pipelines.fetch.images import ImagesFetch
from pipelines.prepare.images import ImagesPrepare, prepare
from tests.helpers.image_files import encode, picture, write_folder

PROGRAM = """
import sys
from pathlib import Path
from pipelines.prepare.images import prepare
from pipelines.prepare.images import ImagesPrepare
if __name__ == "__main__":
    root = Path(sys.argv[1])
    print("go", flush=True)
    settings = ImagesPrepare(size=160, workers=int(sys.argv[2]), max_bad_fraction=0.5)
    prepare(root / "raw", root / "prepared", root / "reports", settings)
"""


@pytest.mark.system
@pytest.mark.parametrize("workers", [1, 2])
def test_killed_at_any_time(tmp_path, monkeypatch, workers):
    files = {f"{number:03d}.png": encode(picture(number, 240, 320), "PNG") for number in range(60)}
    files |= {"text.jpg": b"text", "again.png": files["007.png"]}
    write_folder(tmp_path / "mirror" / "photos", files)
    monkeypatch.setattr(images, "packs", partial(packs, each=6))
    settings = ImagesFetch(source="mirror", mirror=str(tmp_path / "mirror"))
    raw = images.fetch(tmp_path / "raw", settings, images.ImageSet("photos", "CC0"))
    whole = ImagesPrepare(size=160, workers=1, max_bad_fraction=0.5)
    wanted = prepare(raw, tmp_path / "unbroken", tmp_path / "reports", whole).manifest
    decoding, done, chance, kills = tmp_path / ".prepared.decoding", 0, random.Random(0), 0
    for _ in range(30):
        process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(tmp_path), str(workers)], stdout=subprocess.PIPE)
        process.stdout.readline()
        started = len(list(decoding.glob("*.json")))
        assert started >= done, "what had been decoded was thrown away"
        children = _end(process, started + chance.randint(1, 3), decoding, chance)
        psutil.wait_procs(children, timeout=20)
        assert not [child for child in children if child.is_running()], "a decoding process outlived its parent"
        done = len(list(decoding.glob("*.json")))
        if process.returncode == 0:
            break
        kills += 1
    assert kills > 1
    assert PreparedData(tmp_path / "prepared").manifest == wanted
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]


def _end(process, archives, decoding, chance):
    """Kill a process soon after so many archives have been decoded, or let it end; returns its child processes."""
    children = []
    while process.poll() is None and len(list(decoding.glob("*.json"))) < archives:
        children = psutil.Process(process.pid).children() if process.poll() is None else children
        time.sleep(0.005)
    time.sleep(chance.uniform(0, 0.05))
    process.send_signal(signal.SIGKILL)
    process.wait()
    return children
