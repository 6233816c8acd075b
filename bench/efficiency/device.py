"""Which device was measured on, how busy it was, and arithmetic that does not vary.

Rows of two devices are never compared, so a device has a key that names the processor or GPU, its
driver and the version of PyTorch, and no host.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from pydantic import BaseModel, ConfigDict

from bench.core.environment import describe_environment, physical_cores

__all__ = ["BusyWatch", "Device", "describe_device", "fixed_arithmetic"]


class Device(BaseModel):
    """What latency and memory were measured on.

    Attributes:
        kind: "cpu" or "cuda".
        name: Model of the processor or GPU.
        cores: Cores of the processor that this process may use.
        driver: Version of the GPU's driver; empty for a processor.
        clocks: Clocks of the GPU while it worked, as its tool prints them.
        torch: Version of PyTorch.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    name: str
    cores: int
    driver: str = ""
    clocks: str = ""
    torch: str

    @property
    def key(self) -> str:
        """Name of the folder of its profiles: only one key's rows are comparable."""
        parts = [
            self.name,
            f"{self.cores}-cores" if self.kind == "cpu" else f"driver-{self.driver}",
        ]
        words = "_".join([*parts, f"torch-{self.torch.partition('+')[0]}"]).lower()
        return re.sub(r"[^a-z0-9._]+", "-", words).strip("-")


def describe_device(device: str) -> Device:
    """Describe "cpu" or "cuda[:N]"."""
    cores = physical_cores()
    if device == "cpu":
        name = str(describe_environment()["processor"])
        return Device(kind="cpu", name=name, cores=cores, torch=torch.__version__)
    index = int(device.partition(":")[2] or 0)
    _work(index)  # an idle GPU lowers its clocks
    driver, _, clocks = _nvidia_smi(index).partition(", ")
    return Device(
        kind="cuda",
        name=torch.cuda.get_device_name(index),
        cores=cores,
        driver=driver or "unknown",
        clocks=clocks,
        torch=torch.__version__,
    )


def _work(index: int) -> None:
    square = torch.ones(4096, 4096, device=f"cuda:{index}")
    for _ in range(50):
        square @ square


def _nvidia_smi(index: int) -> str:
    query = "driver_version,clocks.sm,clocks.mem,power.limit"
    command = ["nvidia-smi", f"--id={index}", f"--query-gpu={query}", "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


@contextmanager
def fixed_arithmetic(threads: int) -> Iterator[None]:
    """Compute in full float32 with so many threads, and restore what was set before."""
    before = (
        torch.get_num_threads(),
        torch.backends.cuda.matmul.allow_tf32,
        torch.backends.cudnn.allow_tf32,
        torch.backends.cudnn.benchmark,
    )
    torch.set_num_threads(threads)
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = False
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        torch.backends.cuda.matmul.allow_tf32 = before[1]
        torch.backends.cudnn.allow_tf32 = before[2]
        torch.backends.cudnn.benchmark = before[3]


class BusyWatch:
    """Measures how many cores other programs used between two moments.

    It compares the whole machine's clock of busy time with that of this process; where the system
    has no such clock, the load average stands in.
    """

    def __init__(self) -> None:
        self._wall, self._own, self._all = time.perf_counter(), time.process_time(), _busy_s()

    def others(self) -> float:
        """Return the cores that others have kept busy since the start."""
        wall = max(1e-9, time.perf_counter() - self._wall)
        everyone = _busy_s()
        if everyone is None or self._all is None:
            return max(0.0, os.getloadavg()[0] - (time.process_time() - self._own) / wall)
        return max(0.0, (everyone - self._all - (time.process_time() - self._own)) / wall)


def _busy_s() -> float | None:
    """Return the seconds that all cores together have worked since the machine started."""
    try:
        first = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()
    except (OSError, IndexError):
        return None
    user, nice, system, _idle, _wait, irq, softirq, steal = map(int, first[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
