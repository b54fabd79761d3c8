"""Training that is killed with SIGKILL at random moments resumes, and ends with the same state as an unbroken run.

One family stands for each training framework; in `tests/pipelines/families`, every family's own tests resume it from
Python.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.prepared_data import write_prepared
from tests.helpers.training_logs import assert_same, lightning_state, tensorflow_state

pytestmark = pytest.mark.system

EPOCHS = 12
SCRIPT = """
import sys
from pathlib import Path
from threading import Event
from pipelines.lifecycle.families import family
from tests.helpers.family_settings import family_settings

found, data, folder = family(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
epochs, wait_after = int(sys.argv[4]), int(sys.argv[5])
MODELS = {
    "quickdraw_classifier": {"widths": (8, 16), "depths": (1, 1)},
    "quickdraw_gan": {"noise": 8, "generator_width": 16, "discriminator_width": 8},
}
changes = {
    "model": MODELS[sys.argv[1]],
    "training": {"epochs": epochs, "batch_size": 16},
    "hardware": {"threads": 1},
}
inputs = found.open_inputs({name: data / name for name in found.input_types})

def log(metrics, epoch, images=None):
    if epoch > wait_after:
        Event().wait()  # until it is killed
    print(epoch, flush=True)

found.train(inputs, family_settings(sys.argv[1], changes), log, folder)
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with the data set that these families learn from, filled with noise."""
    rng = np.random.default_rng(0)
    splits = {
        split: {
            "image": rng.integers(0, 256, (count, 28, 28), dtype=np.uint8),
            "label": rng.integers(0, 4, count, dtype=np.uint16),
            "id": np.arange(count, dtype=np.uint64),
        }
        for split, count in {"train": 96, "val": 32, "test": 32}.items()
    }
    write_prepared(tmp_path / "data" / "quickdraw", ("a", "b", "c", "d"), splits)
    return tmp_path / "data"


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def start(family: str, data: Path, folder: Path, wait_after: int = EPOCHS) -> subprocess.Popen[str]:
    """Train in another process, which prints every epoch, and waits before it prints one after `wait_after`."""
    command = [sys.executable, "-c", SCRIPT, family, str(data), str(folder), str(EPOCHS), str(wait_after)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=_environment())


def finish(family: str, data: Path, folder: Path) -> list[int]:
    """Train to the end; returns the epochs that this process logged."""
    process = start(family, data, folder)
    output, _ = process.communicate(timeout=900)
    assert process.returncode == 0
    return [int(line) for line in output.split()]


def kill_after(family: str, data: Path, folder: Path, epoch: int, delay: float) -> None:
    """SIGKILL `delay` seconds after `epoch` was logged: while its checkpoint is written, or in the next epoch."""
    process = start(family, data, folder, wait_after=epoch)
    assert process.stdout is not None
    for line in process.stdout:
        if int(line) == epoch:
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
            break
    process.wait()
    process.stdout.close()
    assert process.returncode == -signal.SIGKILL


FINAL_STATE = {"quickdraw_classifier": lightning_state, "quickdraw_gan": tensorflow_state}
"""One family for each training framework → the function that reads its last checkpoint."""


@pytest.mark.parametrize("family", FINAL_STATE)
def test_killed_training_ends_where_the_unbroken_run_ends(family: str, data: Path, tmp_path: Path) -> None:
    unbroken, broken = tmp_path / "unbroken", tmp_path / "broken"
    assert finish(family, data, unbroken) == list(range(1, EPOCHS + 1))

    rng = random.Random(family)
    for epoch in (rng.randint(1, 3), rng.randint(5, 8)):
        kill_after(family, data, broken, epoch, delay=rng.choice([0.0, rng.uniform(0, 0.2)]))
    resumed = finish(family, data, broken)

    assert resumed[-1] == EPOCHS
    assert len(resumed) < EPOCHS
    ours, theirs = (state.get("state_dict", state) for state in map(FINAL_STATE[family], (broken, unbroken)))
    assert len(ours) > 10
    assert_same(ours, theirs)
    assert not list(broken.glob("*.new"))
