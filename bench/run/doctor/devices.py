"""Which processor and which GPU there is, and whether PyTorch can use the GPU."""

from __future__ import annotations

import importlib.util
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from bench.core.environment import describe_environment, physical_cores
from bench.run.doctor.finding import Finding

__all__ = ["examine_devices"]

_GROUP = "devices"


def examine_devices() -> Iterator[Finding]:
    """Look at the processor and the GPUs."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    name, cores = describe_environment()["processor"], physical_cores()
    found = f"{name}, {cores} core{'s' * (cores > 1)}, {memory:.0f} GiB memory"
    yield Finding(_GROUP, "cpu", "ok", found, needed=True)
    yield _cuda()


def _cuda() -> Finding:
    gpus = _gpus()
    if not gpus:
        found = "nvidia-smi names no GPU"
        mend = "if there is one, install NVIDIA's driver"
        return Finding(_GROUP, "cuda", "missing", found, mend)
    named = "; ".join(gpus)
    version, cuda = _torch_build()
    if cuda is None:
        found = f"{named}; torch {version} is built for processors only"
        mend = "install a build of torch for CUDA: https://pytorch.org/get-started/locally"
        return Finding(_GROUP, "cuda", "broken", found, mend)
    import torch  # only a machine with a GPU pays for it

    if not torch.cuda.is_available():
        found = f"{named}; torch {version} for CUDA {cuda} cannot use it"
        mend = "bring the driver up to date, or install a build of torch for an older CUDA"
        return Finding(_GROUP, "cuda", "broken", found, mend)
    return Finding(_GROUP, "cuda", "ok", f"{named}; torch {version} for CUDA {cuda}")


def _gpus() -> list[str]:
    """Name, driver and memory of each GPU, as NVIDIA's tool tells them."""
    query = "--query-gpu=name,driver_version,memory.total"
    command = ["nvidia-smi", query, "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return []
    parts = [line.split(", ") for line in done.stdout.splitlines() if line.count(", ") == 2]
    return [f"{name} (driver {driver}, {memory})" for name, driver, memory in parts]


def _torch_build() -> tuple[str, str | None]:
    """Version of PyTorch and of the CUDA that it was built for, without loading it."""
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return "absent", None
    facts = importlib.util.spec_from_file_location(
        "torch_version", Path(spec.origin).with_name("version.py")
    )
    assert facts is not None and facts.loader is not None
    module = importlib.util.module_from_spec(facts)
    facts.loader.exec_module(module)
    return str(module.__version__), module.cuda
