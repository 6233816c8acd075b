"""Killed at any moment, a run resumes to the same bytes as one that was never touched."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
import time
import torch
import bench
from tiny import TinySet, Halves

class Slow(Halves):
    def forward(self, mixture, mouths):
        time.sleep(0.1)
        return super().forward(mixture, mouths)

if __name__ == "__main__":
    print("started", flush=True)
    bench.evaluate(
        Slow(), TinySet(60), out=sys.argv[2], metrics=("si_snr",), workers=int(sys.argv[3])
    )
"""


def _start(out: Path, workers: int) -> subprocess.Popen[str]:
    script = out.parent / "main.py"  # the same file whatever the number of workers
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(Path(__file__).parent), str(out), str(workers)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)


def _results(out: Path) -> dict[str, bytes]:
    found = {path.name: path.read_bytes() for path in out.glob("*/*") if path.is_file()}
    return {name: found.get(name, b"") for name in ("run.json", "records.jsonl.gz")}


def _kill_until_done(out: Path, workers: int, kills: int, seed: int) -> int:
    """Start, kill at a random moment, start again; let the last one finish.

    Returns:
        How many kills hit a run under way: records were there, the result was not.
    """
    generator = random.Random(seed)
    hits = 0
    for number in range(kills):
        process = _start(out, workers)
        assert process.stdout is not None
        process.stdout.readline()  # imports are done: what follows is the run itself
        while number % 2 == 0 and not any(out.glob("*/records.jsonl")) and process.poll() is None:
            time.sleep(0.01)  # every other kill hits a run under way, however slow the machine is
        time.sleep(generator.uniform(0.3, 2.5 if workers == 1 else 8.0))
        process.send_signal(generator.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGINT]))
        process.communicate(timeout=60)
        if any(out.glob("*/run.json")):  # the kill came too late: begin anew
            shutil.rmtree(out)
        hits += any(out.glob("*/records.jsonl"))
    process = _start(out, workers)
    process.communicate(timeout=120)
    assert process.returncode == 0
    return hits


def _storm(tmp_path: Path, workers: int, kills: int, seed: int) -> tuple[int, bool]:
    """Return how many kills hit a run under way, and whether the results are equal bytes."""
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    _kill_until_done(whole, 1, kills=0, seed=0)
    hits = _kill_until_done(killed, workers, kills, seed)
    return hits, all(_results(whole).values()) and _results(killed) == _results(whole)


@pytest.mark.slow
def test_a_few_kills_change_nothing(tmp_path: Path) -> None:
    hits, equal = _storm(tmp_path, workers=1, kills=3, seed=1)
    assert hits > 0
    assert equal


@pytest.mark.stress
@pytest.mark.parametrize("workers", [1, 2])
def test_a_storm_of_kills_changes_nothing(tmp_path: Path, workers: int) -> None:
    hits, equal = _storm(tmp_path, workers, kills=25, seed=workers)
    assert hits > 0
    assert equal


@pytest.mark.slow
def test_no_worker_outlives_a_killed_parent(tmp_path: Path) -> None:
    process = _start(tmp_path / "out", workers=2)
    assert process.stdout is not None
    deadline = time.monotonic() + 60
    while not list((tmp_path / "out").glob("*/records.jsonl")):  # the workers are at work
        assert time.monotonic() < deadline
        time.sleep(0.05)
    workers = [pid for pid in _processes_of(os.getpgid(process.pid)) if pid != process.pid]
    assert len(workers) >= 2
    process.kill()
    process.stdout.close()
    process.wait()
    while any(pid in _processes_of(process.pid) for pid in workers):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _processes_of(group: int) -> list[int]:
    """Living processes of a group; those that have ended and wait for their parent do not count."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,pgid=,stat="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split() for line in listed.splitlines()]
    return [int(pid) for pid, found, state in rows if int(found) == group and state[0] != "Z"]


def test_two_processes_do_not_share_a_run(tmp_path: Path) -> None:
    from tiny import Halves, TinySet

    import bench
    from bench.core.files import hold
    from bench.core.plan import claim_folder
    from bench.errors import UsageError

    run = bench.evaluate(Halves(), TinySet(1), metrics=("si_snr",))
    folder = claim_folder(tmp_path, run.plan)
    refused = pytest.raises(UsageError, match="another process is working on")
    with hold(folder / "plan.json", "busy"), refused:
        bench.evaluate(Halves(), TinySet(1), metrics=("si_snr",), out=tmp_path)
