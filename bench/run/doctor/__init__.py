"""What this machine has of what the project needs, without network and without loading PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.run.doctor.devices import examine_devices
from bench.run.doctor.finding import Finding
from bench.run.doctor.installed import examine_installed
from bench.run.doctor.material import examine_data_sets, examine_model_files
from bench.run.doctor.storage import examine_storage

__all__ = ["Finding", "doctor"]


def doctor(
    *,
    roots: Sequence[Path] = (),
    mediapipe: Path | None = None,
    results: Path = Path("results/local"),
) -> list[Finding]:
    """Look at everything that runs depend on, and say how to mend what is not as it should be.

    Args:
        roots: Folders that hold copies of licensed data sets.
        mediapipe: Interpreter of MediaPipe's environment.
        results: Folder that runs are written to.
    """
    return [
        *examine_installed(mediapipe),
        *examine_devices(),
        *examine_data_sets(roots),
        *examine_model_files(),
        *examine_storage(results),
    ]
