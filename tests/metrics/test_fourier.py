"""Our transforms change no bit of PESQ, and stay away wherever they might."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from fourier_tasks import KINDS
from metric_cases import RATE, damaged

from bench.core.cache import cache_folder
from bench.execute.guest import Guest
from bench.metrics import fourier
from bench.metrics.perceptual import assess_pesq

pytestmark = pytest.mark.skipif(
    fourier.find_compiler() is None or not Path("/proc/self").exists(),
    reason="our transforms need a C compiler and Linux",
)
SCORE, WHY = "fourier_tasks:score", "bench.metrics.fourier:why_pesq_is_alone"
ESTIMATE, TARGET = damaged(0)
ITEM = (ESTIMATE, TARGET, RATE, "wb")


@pytest.fixture(autouse=True)
def _not_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AVSS_BENCH_PLAIN_PESQ", raising=False)


@pytest.fixture(scope="module")
def transforms() -> Iterator[Guest]:
    """Compares transforms."""
    guest = Guest("fourier_tasks:differing")
    yield guest
    guest.close()


def call(function: str, *arguments: object) -> object:
    """Call a function in a fresh process."""
    guest = Guest(function)
    try:
        return guest(*arguments)
    finally:
        guest.close()


def items() -> Iterator[tuple[np.ndarray, np.ndarray, int, str]]:
    """Ordinary and odd ones."""
    pairs = [damaged(seed) for seed in range(5)]
    long, rng = np.tile(TARGET, 3), np.random.default_rng(0)
    pairs += [
        (np.zeros_like(TARGET), TARGET),
        (TARGET, TARGET),
        (TARGET[:3999], TARGET[:3999]),
        (ESTIMATE[:4000], TARGET[:4000]),
        (ESTIMATE[:5001], TARGET[:5001]),
        (1e-60 * TARGET, TARGET),
        (TARGET, 1e-60 * TARGET),
        (np.clip(100 * TARGET, -1, 1), TARGET),
        (1000 * ESTIMATE, TARGET),
        (ESTIMATE + 0.5, TARGET),
        (np.roll(TARGET, 4000), TARGET),
        (np.sign(TARGET), np.sign(TARGET)),
        (np.eye(1, TARGET.size)[0], TARGET),
        (TARGET, np.eye(1, TARGET.size)[0]),
        (long + 0.05 * rng.standard_normal(long.size), long),
    ]
    for estimate, reference in pairs:
        for rate, mode in ((RATE, "wb"), (RATE, "nb"), (8000, "nb")):
            yield estimate, reference, rate, mode


def test_scores_and_failures_are_those_of_the_package_bit_by_bit() -> None:
    guests = [Guest("bench.metrics.fourier:assess_pesq_faster"), Guest(WHY)]
    assert guests[1]() == ("", "")
    values = []
    for item in items():
        found = guests[0](*item)
        np.testing.assert_equal(found, assess_pesq(*item))
        values.append(found[0])
    assert 5 < np.isnan(values).sum() < len(values) - 30
    for guest in guests:
        guest.close()


@pytest.mark.parametrize("log", range(6, 21))
def test_transforms_of_every_length_are_equal_bit_by_bit(transforms: Guest, log: int) -> None:
    kinds = KINDS if log < 17 else ("noise",)
    assert transforms(log, kinds) == []


@pytest.mark.parametrize(("log", "answered"), [(2, 0), (5, 0), (6, 2), (10, 2)])
def test_lengths_that_do_not_fill_the_lanes_are_the_packages(log: int, answered: int) -> None:
    assert call("fourier_tasks:calls", log) == answered


def test_this_process_is_left_alone() -> None:
    assert call(WHY) == ("", "")
    with pytest.raises(AttributeError):
        _ = ctypes.CDLL(None).RealFFT


# Where the package computes alone


def alone(source: Path | None = None, *, loaded: bool = False) -> str:
    """Score an item; its score is the package's, and the reason is returned."""
    found, why = call(SCORE, source, loaded, *ITEM)
    assert found == assess_pesq(*ITEM)
    return why


def changed(folder: Path, *changes: tuple[str, str]) -> Path:
    """Write the source with changes."""
    text = fourier._SOURCE.read_text()
    for before, after in changes:
        assert text.count(before) == 1
        text = text.replace(before, after)
    (folder / "changed.c").write_text(text)
    return folder / "changed.c"


def test_sums_in_another_order_are_noticed(tmp_path: Path) -> None:
    assert alone(fourier._SOURCE) == ""
    order = ("ar + br * *wr - bi * *wi", "ar + (br * *wr - bi * *wi)")
    assert alone(changed(tmp_path, order)) == "the package was built so that it rounds differently"


def test_a_library_that_is_not_called_is_noticed(tmp_path: Path) -> None:
    names = [("void RealFFT(", "void AnotherFFT("), ("void RealIFFT(", "void AnotherIFFT(")]
    assert alone(changed(tmp_path, *names)) == "the package does not call its transforms by name"


def test_without_a_compiler_and_with_one_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("AVSS_BENCH_CACHE", str(tmp_path / "cache"))
    assert alone() == "no cc, gcc or clang"
    for name in ("cc", "gcc"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    assert "does not compile the library (CalledProcessError)" in alone()


def test_a_source_that_does_not_compile(tmp_path: Path) -> None:
    assert "does not compile" in alone(changed(tmp_path, ("#include <math.h>", "no C")))


def test_a_damaged_file_in_the_cache_is_built_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AVSS_BENCH_CACHE", str(tmp_path))
    assert call(WHY) == ("", "")
    (kept,) = (path for path in cache_folder().rglob("*") if path.is_file())
    whole = kept.read_bytes()
    kept.write_bytes(whole[: len(whole) // 2])
    assert alone() == ""
    assert len(kept.read_bytes()) == len(whole)


def test_several_processes_build_it_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AVSS_BENCH_CACHE", str(tmp_path))
    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(call, [WHY] * 3)) == [("", "")] * 3
    assert len([path for path in cache_folder().rglob("*") if path.is_file()]) == 1


def test_a_cache_that_cannot_be_written_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").write_text("a file in its place")
    monkeypatch.setenv("AVSS_BENCH_CACHE", str(tmp_path / "cache"))
    assert alone() == ""


def test_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVSS_BENCH_PLAIN_PESQ", "1")
    assert alone() == "AVSS_BENCH_PLAIN_PESQ is set"


def test_where_the_package_was_loaded_before() -> None:
    assert alone(loaded=True) == "this process loaded the package before"


def test_another_package_of_this_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pesq.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    why, mend = call(WHY)
    assert why == "the compiled code of 'pesq' is not found"
    assert mend.startswith("pip install")
