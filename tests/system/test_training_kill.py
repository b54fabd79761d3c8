"""Training that is killed with SIGKILL, at moments drawn by chance, goes on and ends where the unbroken run ends."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.prepared import write_prepared

pytestmark = pytest.mark.system

EPOCHS = 12
SCRIPT = """
import sys
from pathlib import Path
from atelier.data.prepared import PreparedData
from pipelines.families import family

found, data, folder, epochs = family(sys.argv[1]), PreparedData(Path(sys.argv[2])), Path(sys.argv[3]), int(sys.argv[4])
SIZES = {
    "quickdraw_classifier": {"widths": (8, 16), "depths": (1, 1)},
    "quickdraw_gan": {"noise": 8, "generator_width": 16, "discriminator_width": 8},
}
settings = found.settings({
    "model": SIZES[sys.argv[1]],
    "training": {"epochs": epochs, "batch_size": 16},
    "hardware": {"threads": 1},
})
found.nodes().train(data, settings, lambda metrics, epoch, pictures=None: print(epoch, flush=True), folder)
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    chance = np.random.default_rng(0)
    splits = {
        split: {
            "image": chance.integers(0, 256, (count, 28, 28), dtype=np.uint8),
            "label": chance.integers(0, 4, count, dtype=np.uint16),
            "id": np.arange(count, dtype=np.uint64),
        }
        for split, count in {"train": 320, "val": 32, "test": 32}.items()
    }
    return write_prepared(tmp_path / "prepared", ("a", "b", "c", "d"), splits).folder


def start(family: str, data: Path, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SCRIPT, family, str(data), str(folder), str(EPOCHS)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=dict(os.environ))


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


def final_classifier(folder: Path) -> dict[str, Any]:
    checkpoint = torch.load(folder / f"epoch-{EPOCHS - 1:05d}.ckpt", weights_only=True)
    return {name: weight.numpy() for name, weight in checkpoint["state_dict"].items()}


def final_gan(folder: Path) -> dict[str, Any]:
    import tensorflow as tf

    reader = tf.train.load_checkpoint(str(folder))
    return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map() if "OBJECT" not in name}


@pytest.mark.parametrize(
    ("family", "final"), [("quickdraw_classifier", final_classifier), ("quickdraw_gan", final_gan)]
)
def test_killed_training_ends_where_the_unbroken_run_ends(
    family: str, final: Callable[[Path], dict[str, Any]], data: Path, tmp_path: Path
) -> None:
    unbroken, broken = tmp_path / "unbroken", tmp_path / "broken"
    assert finish(family, data, unbroken) == list(range(1, EPOCHS + 1))

    chance = random.Random(time.time_ns())
    for epoch in (chance.randint(1, 3), chance.randint(5, 8)):
        kill_in_epoch(family, data, broken, epoch, delay=chance.choice([0.0, chance.uniform(0, 0.2)]))
    continued = finish(family, data, broken)

    assert continued[-1] == EPOCHS
    assert len(continued) < EPOCHS
    ours, theirs = final(broken), final(unbroken)
    assert ours.keys() == theirs.keys()
    assert len(ours) > 10
    assert all(np.array_equal(ours[name], theirs[name]) for name in ours)
    assert not list(broken.glob("*.new"))
