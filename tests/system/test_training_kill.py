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
import torch

from atelier.data.prepared import Manifest
from atelier.data.source import Request

pytestmark = pytest.mark.system

EPOCHS = 12
SCRIPT = """
import sys
from pathlib import Path
from atelier.data.prepared import PreparedData
from pipelines.quickdraw_classifier.nodes import train
from pipelines.quickdraw_classifier.settings import ClassifierSettings

settings = ClassifierSettings.model_validate({
    "model": {"widths": (8, 16), "depths": (1, 1)},
    "training": {"epochs": int(sys.argv[3]), "batch_size": 16},
    "hardware": {"threads": 1},
})
train(PreparedData(Path(sys.argv[1])), settings, lambda metrics, step: print(step, flush=True), Path(sys.argv[2]))
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder, chance = tmp_path / "prepared", np.random.default_rng(0)
    folder.mkdir()
    counts = {"train": 320, "val": 32, "test": 32}
    for split, count in counts.items():
        np.save(folder / f"{split}-00000.image.npy", chance.integers(0, 256, (count, 28, 28), dtype=np.uint8))
        np.save(folder / f"{split}-00000.label.npy", chance.integers(0, 4, count, dtype=np.uint16))
        np.save(folder / f"{split}-00000.id.npy", np.arange(count, dtype=np.uint64))
    manifest = Manifest(
        dataset="quickdraw",
        labels=("a", "b", "c", "d"),
        counts={split: {"": count} for split, count in counts.items()},
        content_hash="0",
        split_hashes=dict.fromkeys(counts, "0"),
        rejected={},
        source=Request(dataset="quickdraw", kind="sample", address="made by a test", licence="none"),
        raw_hash="0",
        licence="none",
        made_from="0",
    )
    (folder / "manifest.json").write_text(manifest.model_dump_json())
    return folder


def start(data: Path, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SCRIPT, str(data), str(folder), str(EPOCHS)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ))


def finish(data: Path, folder: Path) -> list[int]:
    """Train to the end; the epochs that this process logged."""
    process = start(data, folder)
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return [int(line) for line in output.split()]


def kill_in_epoch(data: Path, folder: Path, epoch: int, delay: float) -> None:
    """SIGKILL a while after `epoch` was logged: in its checkpoint, or somewhere in the next epoch."""
    process = start(data, folder)
    assert process.stdout is not None
    for line in process.stdout:
        if int(line) >= epoch:
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
            break
    process.wait(timeout=60)
    process.stdout.close()
    assert process.returncode == -signal.SIGKILL


def final_weights(folder: Path) -> dict[str, torch.Tensor]:
    checkpoint = torch.load(folder / f"epoch-{EPOCHS - 1:05d}.ckpt", weights_only=True)
    weights: dict[str, torch.Tensor] = checkpoint["state_dict"]
    return weights


def test_killed_training_ends_where_the_unbroken_run_ends(data: Path, tmp_path: Path) -> None:
    unbroken, broken = tmp_path / "unbroken", tmp_path / "broken"
    assert finish(data, unbroken) == list(range(1, EPOCHS + 1))

    chance = random.Random(time.time_ns())
    for epoch in (chance.randint(1, 3), chance.randint(5, 8)):
        kill_in_epoch(data, broken, epoch, delay=chance.choice([0.0, chance.uniform(0, 0.2)]))
    continued = finish(data, broken)

    assert continued[-1] == EPOCHS
    assert len(continued) < EPOCHS
    ours, theirs = final_weights(broken), final_weights(unbroken)
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert not list(broken.glob("*.new"))
