import subprocess
import sys

import keras
import pytest

from atelier.errors import BadInputError
from pipelines.training.on_tensorflow import hardware
from pipelines.training.on_tensorflow.settings import MixedHardwareSettings, ReplicatedHardwareSettings


def test_an_explicit_precision_is_used() -> None:
    assert hardware.precision(MixedHardwareSettings(device="auto", threads=0, precision="float32")) == "float32"
    assert hardware.precision(MixedHardwareSettings(device="auto", threads=0, precision="bfloat16")) == "bfloat16"


@pytest.mark.parametrize(
    ("flags", "precision"), [("avx2 avx512_bf16", "bfloat16"), ("amx_bf16", "bfloat16"), ("avx2", "float32")]
)
def test_auto_depends_on_the_flags_of_the_processor(monkeypatch, tmp_path, flags, precision) -> None:
    cpu_info = tmp_path / "cpuinfo"
    cpu_info.write_text(f"model name: any\nflags: {flags}\n")
    monkeypatch.setattr(hardware, "CPU_INFO", cpu_info)
    assert hardware.precision(MixedHardwareSettings(device="auto", threads=0, precision="auto")) == precision


def test_auto_is_float32_without_information_on_the_processor(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(hardware, "CPU_INFO", tmp_path / "missing")
    assert hardware.precision(MixedHardwareSettings(device="auto", threads=0, precision="auto")) == "float32"


@pytest.mark.parametrize(
    ("capability", "mixed", "replicated"),
    [((8, 0), "bfloat16", "bfloat16"), ((7, 5), "float32", "float16"), ((6, 1), "float32", "float32")],
)
def test_auto_depends_on_the_gpu_if_there_is_one(monkeypatch, capability, mixed, replicated) -> None:
    monkeypatch.setattr(hardware.tf.config, "list_physical_devices", lambda kind: [kind])
    details = {"compute_capability": capability}
    monkeypatch.setattr(hardware.tf.config.experimental, "get_device_details", lambda device: details)
    options = {"device": "auto", "threads": 0, "precision": "auto"}
    assert hardware.precision(MixedHardwareSettings(**options)) == mixed
    assert hardware.precision(ReplicatedHardwareSettings(**options, devices=1)) == replicated


def test_the_gpu_does_not_matter_on_the_processor(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(hardware.tf.config, "list_physical_devices", lambda kind: [kind])
    monkeypatch.setattr(hardware, "CPU_INFO", tmp_path / "missing")
    assert hardware.precision(MixedHardwareSettings(device="cpu", threads=0, precision="auto")) == "float32"


def test_one_device_needs_no_strategy_and_missing_devices_are_named() -> None:
    options = {"device": "cpu", "threads": 0, "precision": "float32"}
    assert hardware.strategy(ReplicatedHardwareSettings(**options, devices=1)).num_replicas_in_sync == 1
    with pytest.raises(BadInputError, match=r"hardware\.devices is 99, but there are only \d+ .* devices"):
        hardware.strategy(ReplicatedHardwareSettings(**options, devices=99))


def test_layers_have_float32_weights_in_any_precision() -> None:
    with hardware.compute_precision("bfloat16"):
        layer = keras.layers.Dense(2)
    layer.build((1, 3))
    assert (layer.compute_dtype, layer.kernel.dtype) == ("bfloat16", "float32")
    assert keras.layers.Dense(2).compute_dtype == "float32"


def test_the_previous_precision_is_restored_after_an_error() -> None:
    with pytest.raises(RuntimeError, match="broken"), hardware.compute_precision("bfloat16"):
        raise RuntimeError("broken")
    assert keras.config.dtype_policy().name == "float32"


def test_other_hardware_settings_in_the_same_process_are_an_error() -> None:
    """Runs in another process, because the settings cannot be undone."""
    code = """
import tensorflow as tf
from atelier.errors import BadInputError
from pipelines.training.on_tensorflow.hardware import set_up
from pipelines.training.on_tensorflow.settings import HardwareSettings

set_up(HardwareSettings(device="auto", threads=2))
tf.constant(1.0) + 1
set_up(HardwareSettings(device="auto", threads=2))
try:
    set_up(HardwareSettings(device="auto", threads=1))
except BadInputError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "hardware.threads" in done.stdout
