"""What a result was measured with: the versions that can move a number, and the machine."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path

__all__ = ["COMPUTING_PACKAGES", "describe_environment", "package_versions", "physical_cores"]

COMPUTING_PACKAGES = ("avss-bench", "numpy", "pesq", "pystoi", "scipy", "torch")


def package_versions(names: tuple[str, ...] = COMPUTING_PACKAGES) -> dict[str, str]:
    """Return the installed version of each package, "absent" where there is none."""
    return {name: _version(name) for name in names}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "absent"


def describe_environment() -> dict[str, object]:
    """Return versions, platform and processor; no host name, no user name."""
    return {
        "packages": package_versions(),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
    }


def physical_cores() -> int:
    """Return the number of cores that this process may use, twins of one core counted once."""
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    cores = set()
    for cpu in allowed:
        path = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        try:
            cores.add(path.read_text(encoding="ascii").strip())
        except OSError:
            cores.add(str(cpu))
    return len(cores) or os.cpu_count() or 1


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"
