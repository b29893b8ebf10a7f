"""Where and in which precision to compute, from the names that a user gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glyphagent.errors import BackendError

if TYPE_CHECKING:
    import torch

DTYPES = ("float32", "bfloat16", "float16")


def find_device(name: str) -> torch.device:
    """Device of that name; `auto` gives CUDA if there is one, else the CPU.

    Raises:
        BackendError: If torch is missing, or there is no such device.
    """
    try:
        import torch
    except ImportError as error:
        raise torch_missing() from error
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise BackendError(f"cannot compute on device {name!r}: {reason}") from error
    return device


def find_dtype(name: str) -> torch.dtype | None:
    """Precision of that name; None for `auto`, which leaves it to the model.

    Raises:
        BackendError: If torch is missing, or there is no such precision.
    """
    if name not in ("auto", *DTYPES):
        raise BackendError(f"no dtype named {name!r}; there are: auto, {', '.join(DTYPES)}")
    try:
        import torch
    except ImportError as error:
        raise torch_missing() from error
    return None if name == "auto" else getattr(torch, name)


def native_dtype(device: torch.device) -> torch.dtype:
    """Bfloat16 where the processor multiplies it natively, else float32."""
    import torch

    if device.type == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        facts = torch.cpu.get_capabilities() if device.type == "cpu" else {}
        native = any(facts.get(name) for name in ("avx512_bf16", "amx_bf16"))
    return torch.bfloat16 if native else torch.float32


def torch_missing() -> BackendError:
    """Error for an installation without the extra that models need."""
    return BackendError("the backend 'local' needs torch: pip install 'glyphagent[local]'")
