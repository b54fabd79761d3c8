"""Training that is killed with SIGKILL, at moments drawn by chance, goes on and ends where the unbroken run ends."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from pipelines.lifecycle.families import FAMILIES
from tests.helpers.perceptual_networks import write_perceptual
from tests.helpers.prepared_data import write_prepared
from tests.helpers.training_logs import assert_same, lightning_state, tensorflow_state

pytestmark = pytest.mark.system

EPOCHS = 12
SCRIPT = """
import sys
from pathlib import Path
from pipelines.lifecycle.families import family
from tests.helpers.family_settings import family_settings

found, data, folder, epochs = family(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
DRAWINGS, PHOTOS = {"batch_size": 16}, {"batch_size": 2, "size": 32}
SIZES = {
    "quickdraw_classifier": ({"widths": (8, 16), "depths": (1, 1)}, DRAWINGS),
    "quickdraw_gan": ({"noise": 8, "generator_width": 16, "discriminator_width": 8}, DRAWINGS),
    "fast_style": ({"width": 2, "blocks": 1}, PHOTOS | {"epoch_items": 8, "val_items": 1, "sheet_every": 100}),
    "arbitrary_style": ({"width": 2, "embedding": 4}, PHOTOS | {"epoch_items": 8, "val_items": 2, "sheet_every": 100}),
}
model, training = SIZES[sys.argv[1]]
changes = {"model": model, "training": {"epochs": epochs, **training}, "hardware": {"threads": 1}}
inputs = found.open_inputs({name: data / name for name in found.input_types})
settings = family_settings(sys.argv[1], changes)
found.train(inputs, settings, lambda metrics, epoch, images=None: print(epoch, flush=True), folder)
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with everything that any family learns from."""
    chance = np.random.default_rng(0)
    shapes = {"quickdraw": (28, 28)} | dict.fromkeys(("coco", "landscapes", "van_gogh"), (32, 32, 3))
    for name, shape in shapes.items():
        splits = {
            split: {
                "image": chance.integers(0, 256, (count, *shape), dtype=np.uint8),
                "label": chance.integers(0, 4, count, dtype=np.uint16),
                "id": np.arange(count, dtype=np.uint64),
            }
            for split, count in {"train": 320, "val": 32, "test": 32}.items()
        }
        write_prepared(tmp_path / "data" / name, ("a", "b", "c", "d"), splits)
    write_perceptual(tmp_path / "data" / "perceptual", "random")
    return tmp_path / "data"


def start(family: str, data: Path, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SCRIPT, family, str(data), str(folder), str(EPOCHS)]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def finish(family: str, data: Path, folder: Path) -> list[int]:
    """Train to the end; the epochs that this process logged."""
    process = start(family, data, folder)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    return [int(line) for line in output.split()]


def kill_in_epoch(family: str, data: Path, folder: Path, epoch: int, delay: float) -> None:
    """SIGKILL a while after `epoch` was logged: in its checkpoint, or somewhere in the next epoch."""
    process = start(family, data, folder)
    assert process.stdout is not None
    for line in process.stdout:
        if int(line) >= epoch:
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
            break
    process.wait(timeout=60)
    process.stdout.close()
    assert process.returncode == -signal.SIGKILL


FINAL = {
    "quickdraw_classifier": lightning_state,
    "quickdraw_gan": tensorflow_state,
    "fast_style": tensorflow_state,
    "arbitrary_style": lightning_state,
}


@pytest.mark.parametrize("family", FAMILIES)
def test_killed_training_ends_where_the_unbroken_run_ends(family: str, data: Path, tmp_path: Path) -> None:
    unbroken, broken = tmp_path / "unbroken", tmp_path / "broken"
    assert finish(family, data, unbroken) == list(range(1, EPOCHS + 1))

    chance = random.Random(time.time_ns())
    for epoch in (chance.randint(1, 3), chance.randint(5, 8)):
        kill_in_epoch(family, data, broken, epoch, delay=chance.choice([0.0, chance.uniform(0, 0.2)]))
    continued = finish(family, data, broken)

    assert continued[-1] == EPOCHS
    assert len(continued) < EPOCHS
    ours, theirs = (state.get("state_dict", state) for state in map(FINAL[family], (broken, unbroken)))
    assert len(ours) > 10
    assert_same(ours, theirs)
    assert not list(broken.glob("*.new"))
