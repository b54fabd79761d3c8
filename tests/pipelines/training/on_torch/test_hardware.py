import pytest
import torch

from pipelines.training.on_torch.hardware import set_up
from pipelines.training.on_torch.settings import HardwareSettings


def test_explicit_settings_are_used() -> None:
    assert set_up(HardwareSettings(device="cpu", precision="float32", threads=0)) == ("cpu", "32-true")
    assert set_up(HardwareSettings(device="cuda", precision="bfloat16", threads=0)) == ("cuda", "bf16-mixed")


def test_the_number_of_threads_is_set() -> None:
    before = torch.get_num_threads()
    try:
        set_up(HardwareSettings(device="auto", precision="auto", threads=3))
        assert torch.get_num_threads() == 3
        set_up(HardwareSettings(device="auto", precision="auto", threads=0))
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_without_a_gpu_the_precision_depends_on_the_processor(monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for native, name in ((True, "bf16-mixed"), (False, "32-true")):
        monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda native=native: native)
        assert set_up(HardwareSettings(device="auto", precision="auto", threads=0)) == ("cpu", name)


@pytest.mark.parametrize(("native", "precision"), [(True, "bf16-mixed"), (False, "32-true")])
def test_a_gpu_without_native_bfloat16_computes_in_float32(monkeypatch, native, precision) -> None:
    def supported(including_emulation: bool = True) -> bool:
        return native or including_emulation

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", supported)
    assert set_up(HardwareSettings(device="auto", precision="auto", threads=0)) == ("cuda", precision)
