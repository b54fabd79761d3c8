"""SIGKILL while images are decoded or shards are built: the next run continues, with the result of an unkilled one."""

import random
import signal
import subprocess
import sys
import time
from functools import partial

import psutil
import pytest

from atelier.data.download.archives import archive_specs
from atelier.data.download.notes import notes_path
from atelier.data.prepared.dataset import PreparedData
from pipelines.fetch import images
from pipelines.prepare.images import prepare
from tests.helpers.data_settings import images_fetch, images_prepare
from tests.helpers.image_files import encode, random_image, write_folder

PROGRAM = """
import sys
from pathlib import Path
from pipelines.prepare.images import ImagesPrepare, prepare
if __name__ == "__main__":
    root = Path(sys.argv[1])
    print("started", flush=True)
    prepare(root / "raw", root / "prepared", root / "reports", ImagesPrepare.model_validate_json(sys.argv[2]))
"""


@pytest.mark.system
@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_that_is_killed_repeatedly_gives_the_same_result(tmp_path, monkeypatch, workers):
    files = {f"{number:03d}.png": encode(random_image(number, 240, 320), "PNG") for number in range(60)}
    files |= {"text.jpg": b"text", "again.png": files["007.png"]}
    write_folder(tmp_path / "mirror" / "photos", files)
    monkeypatch.setattr(images, "archive_specs", partial(archive_specs, size=6))
    settings = images_fetch(source="mirror", mirror=str(tmp_path / "mirror"))
    raw = images.fetch(tmp_path / "raw", settings, images.ImageSource("photos", "CC0"))
    prepare_settings = images_prepare(size=160, workers=workers, max_bad_fraction=0.5)
    one_process = prepare_settings.model_copy(update={"workers": 1})
    expected = prepare(raw, tmp_path / "unkilled", tmp_path / "reports", one_process).manifest
    command = [sys.executable, "-c", PROGRAM, str(tmp_path), prepare_settings.model_dump_json()]
    decoding, done, rng, kills = tmp_path / ".prepared.decoding", 0, random.Random(0), 0
    for _ in range(30):
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        process.stdout.readline()
        started = len(list(decoding.glob("*.json")))
        assert started >= done, "decoded archives were deleted"
        children = _kill(process, started + rng.randint(1, 3), decoding, rng)
        psutil.wait_procs(children, timeout=20)
        assert not [child for child in children if child.is_running()], "a decoding process outlived its parent"
        done = len(list(decoding.glob("*.json")))
        if process.returncode == 0:
            break
        kills += 1
    assert kills > 1
    assert PreparedData(tmp_path / "prepared").manifest == expected
    hidden = [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]
    assert not [name for name in hidden if not name.startswith(notes_path(raw).name)]


def _kill(process, archives, decoding, rng):
    """Kill a process soon after it has decoded so many archives, unless it ends before; returns its child processes."""
    children = []
    while process.poll() is None and len(list(decoding.glob("*.json"))) < archives:
        children = psutil.Process(process.pid).children() if process.poll() is None else children
        time.sleep(0.005)
    time.sleep(rng.uniform(0, 0.05))
    process.send_signal(signal.SIGKILL)
    process.wait()
    return children
