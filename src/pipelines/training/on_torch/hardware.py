"""Device, threads and precision of PyTorch."""

import torch

from pipelines.training.on_torch.settings import HardwareSettings


def set_up(settings: HardwareSettings) -> tuple[str, str]:
    """Set the number of CPU threads, and return Lightning's names of device and precision.

    `auto` selects a GPU if there is one, and bfloat16 where the hardware supports it.
    """
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
    """Whether the hardware computes in bfloat16. Emulation is slower than float32."""
    native: bool = torch.cpu._is_avx512_bf16_supported()
    if device == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    return native
