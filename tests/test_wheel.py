"""The built wheel works away from the repository: its data sets, its command, its tables.

The new environment borrows the installed dependencies of this one (a `.pth` file instead of a
second download of torch); the package itself comes from the wheel alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
LARGEST_DATA = 6_000_000


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--quiet",
        "--wheel-dir",
        out,
        ".",
    ]
    subprocess.run(command, cwd=REPOSITORY, check=True)
    (path,) = out.glob("avss_bench-*.whl")
    return path


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    place = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    site = folder / place
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    command = [sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--quiet"]
    subprocess.run([*command, "--force-reinstall", "--no-index", wheel], check=True)
    return python


def _run(python: Path, folder: Path, *arguments: str) -> str:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        [python, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_carries_the_data_and_stays_small(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        sizes = {info.filename: info.file_size for info in archive.infolist()}
    data = {name: size for name, size in sizes.items() if "_shipped/" in name}
    assert any(name.endswith("talking-heads-2mix/card.toml") for name in data)
    assert sum(data.values()) < LARGEST_DATA
    assert "bench/metrics/fourier.c" in sizes
    assert not any(name.startswith(("tests", "datasets", "tools")) for name in sizes)


def test_the_wheel_runs_the_embedded_set_away_from_the_repository(
    python: Path, tmp_path: Path
) -> None:
    where = _run(python, tmp_path, "-c", "import bench; print(bench.__file__)")
    assert Path(where.strip()).is_relative_to(python.parent.parent)
    quick = ("--limit", "3", "--metrics", "si_snr", "--out", "runs", "--json")
    (run,) = json.loads(_run(python, tmp_path, "-m", "bench", "run", "ideal-ratio-mask", *quick))
    assert run["summary"]["ok"] == 6
    assert "Ideal ratio mask" in _run(python, tmp_path, "-m", "bench", "table", "runs")
