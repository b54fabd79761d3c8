"""Where training computes."""

import torch

from pipelines.training.on_torch.settings import HardwareSettings


def set_up(settings: HardwareSettings) -> tuple[str, str]:
    """Lightning's names of device and precision, with `auto` decided by what this machine has; sets CPU threads."""
    if settings.threads:
        torch.set_num_threads(settings.threads)
    device = settings.device
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    precision = settings.precision
    if precision == "auto":
        precision = "bfloat16" if _computes_in_bfloat16(device) else "float32"
    return device, "bf16-mixed" if precision == "bfloat16" else "32-true"


def _computes_in_bfloat16(device: str) -> bool:
    """Whether the hardware itself does: emulated, it is slower than float32."""
    native: bool = torch.cpu._is_avx512_bf16_supported()
    if device == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    return native
