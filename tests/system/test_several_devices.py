"""CycleGAN's training step on two devices at once, here two logical devices of one processor."""

import json
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from tests.helpers.family_settings import family_parameters
from tests.helpers.projects import ROOT

pytestmark = pytest.mark.system

SCRIPT = """
import json, sys
import numpy as np, tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from pathlib import Path
from pipelines.families.cyclegan.settings import CycleGanInputs, CycleGanSettings
from pipelines.families.cyclegan.training import new_trainer
from pipelines.training.on_tensorflow.hardware import strategy
from tests.helpers.backbones import write_backbone
from tests.helpers.perceptual_networks import write_perceptual
folder = Path(sys.argv[2])
inputs = CycleGanInputs(None, None, write_perceptual(folder / "p", "random"), write_backbone(folder / "b"))
settings = CycleGanSettings.model_validate(json.loads(sys.argv[1]))
trainer = new_trainer(inputs, settings, strategy=strategy(settings.hardware))
images = np.random.default_rng(0).uniform(0, 255, (2, 2, 32, 32, 3)).astype(np.float32)
losses = [trainer.step(*map(tf.constant, images)) for _ in range(3)]
weights = [weight for network in vars(trainer.networks).values() for weight in network.get_weights()]
np.savez(folder / "weights.npz", *weights)
print(json.dumps([{name: float(value) for name, value in each.items()} for each in losses]))
"""


def run(tmp_path, devices: int) -> tuple[list[dict[str, float]], dict[str, Any]]:
    """Losses of three steps, the first of which is a reconstruction, and all weights after them."""
    nothing = {"color": 0.0, "translation": 0.0, "cutout": 0.0}  # each device would draw other changes
    training = {"batch_size": 2, "reconstruction_steps": 1, "cycle_noise": 0.0, "discriminator_augmentation": nothing}
    changes = {"training": training, "hardware": {"devices": devices, "device": "cpu", "precision": "float32"}}
    parameters = family_parameters("cyclegan_resnet", changes, "test")
    folder = tmp_path / str(devices)
    folder.mkdir()
    command = [sys.executable, "-c", SCRIPT, json.dumps(parameters), str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    with np.load(folder / "weights.npz") as arrays:
        return json.loads(done.stdout.splitlines()[-1]), dict(arrays)


def test_two_devices_compute_the_step_of_one(tmp_path) -> None:
    (one, weights), (two, others) = run(tmp_path, 1), run(tmp_path, 2)
    for first, second in zip(one, two, strict=True):
        assert second == pytest.approx(first, rel=1e-3)
    assert one[2] != one[1]
    for name, weight in weights.items():
        np.testing.assert_allclose(others[name], weight, atol=2e-4, err_msg=name)
