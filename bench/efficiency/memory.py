"""How much memory a separator takes at most: a process of its own, so that nothing else counts."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel, ConfigDict
from torch import nn

from bench.efficiency.device import fixed_arithmetic
from bench.efficiency.inputs import caller, make_inputs
from bench.errors import SeparatorError

__all__ = ["Memory", "measure_memory"]


class Memory(BaseModel):
    """Peaks of one call with both targets, lip encoder included, in bytes.

    Attributes:
        ram: Resident memory of the process at its peak.
        ram_before: The same before the separator was loaded: Python, PyTorch and this package.
        gpu: Memory that PyTorch held on the GPU at its peak; None on a CPU.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ram: int
    ram_before: int
    gpu: int | None = None

    @property
    def taken(self) -> int:
        """What the separator added: weights and activations."""
        return self.ram - self.ram_before


def measure_memory(
    load: Callable[[], nn.Module], seconds: float, *, device: str = "cpu", threads: int = 1
) -> Memory:
    """Measure the peak in a fresh process.

    Args:
        load: Makes the separator on the device; must be picklable.
        seconds: Length of the mixture.
        device: "cpu" or "cuda[:N]".
        threads: Of the arithmetic.

    Raises:
        SeparatorError: The process did not end well, for want of memory for example.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_measure, args=(there, load, seconds, device, threads))
    process.start()
    there.close()
    try:
        answer = here.recv()
    except EOFError:
        answer = "it was killed, for want of memory presumably; try a shorter length"
    finally:
        process.join()
        here.close()
    if isinstance(answer, str):
        raise SeparatorError(f"memory at {seconds:g} s was not measured: {answer}.")
    return Memory.model_validate(answer)


def _measure(
    pipe: Any, load: Callable[[], nn.Module], seconds: float, device: str, threads: int
) -> None:
    try:
        with fixed_arithmetic(threads), torch.inference_mode():
            before = _peak()
            separator = load()
            caller(separator, make_inputs(separator, seconds, device=device))()
            gpu = torch.cuda.max_memory_allocated(device) if device != "cpu" else None
        pipe.send({"ram": _peak(), "ram_before": before, "gpu": gpu})
    except Exception as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        pipe.send(lines[0].rstrip("."))
    finally:
        pipe.close()


def _peak() -> int:
    """Return the highest resident memory of this process so far, in bytes.

    Not `ru_maxrss`, which a new process inherits from the one that started it.
    """
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
