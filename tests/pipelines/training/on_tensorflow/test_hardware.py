import subprocess
import sys

import keras
import pytest

from pipelines.training.on_tensorflow import hardware
from pipelines.training.on_tensorflow.settings import MixedHardwareSettings


def test_what_is_asked_for_is_taken() -> None:
    assert hardware.precision(MixedHardwareSettings(device="auto", threads=0, precision="float32")) == "float32"
    assert hardware.precision(MixedHardwareSettings(device="auto", threads=0, precision="bfloat16")) == "bfloat16"


@pytest.mark.parametrize(
    ("flags", "precision"), [("avx2 avx512_bf16", "bfloat16"), ("amx_bf16", "bfloat16"), ("avx2", "float32")]
)
def test_the_processor_says_which_precision_is_fast(monkeypatch, tmp_path, flags, precision) -> None:
    processor = tmp_path / "cpuinfo"
    processor.write_text(f"model name: any\nflags: {flags}\n")
    monkeypatch.setattr(hardware, "PROCESSOR", processor)
    assert hardware.precision(MixedHardwareSettings(device="auto", threads=0, precision="auto")) == precision


def test_a_machine_that_tells_nothing_computes_in_float32(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(hardware, "PROCESSOR", tmp_path / "missing")
    assert hardware.precision(MixedHardwareSettings(device="auto", threads=0, precision="auto")) == "float32"


def test_layers_made_under_a_precision_keep_float32_weights() -> None:
    with hardware.computing_in("bfloat16"):
        inside = keras.layers.Dense(2)
    inside.build((1, 3))
    assert (inside.compute_dtype, inside.kernel.dtype) == ("bfloat16", "float32")
    assert keras.layers.Dense(2).compute_dtype == "float32"


def test_the_precision_from_before_comes_back_after_an_error() -> None:
    with pytest.raises(RuntimeError, match="broken"), hardware.computing_in("bfloat16"):
        raise RuntimeError("broken")
    assert keras.config.dtype_policy().name == "float32"


def test_two_families_cannot_ask_one_process_for_different_threads() -> None:
    """In a process of its own: what is set here stays."""
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
