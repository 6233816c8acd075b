"""PESQ in half the time, to the last bit: our own Fourier transforms for the `pesq` package.

The package calls its transforms through the dynamic linker, so those of `fourier.c`, if they are
loaded first, answer for it; the package itself stays as it was installed. They are used only after
they gave what the package gives, bit by bit, on noise of every length. Where anything stands in the
way, or `AVSS_BENCH_PLAIN_PESQ` is set, the package computes alone.

The library is compiled on first use and kept in the cache. Its symbols have common names that serve
the whole process, so `assess_pesq_faster` belongs into a process of its own.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import numpy as np

from bench.core.cache import keep, recall
from bench.errors import UsageError
from bench.metrics.perceptual import Mode, assess_pesq
from bench.metrics.signals import Samples

__all__ = ["assess_pesq_faster", "find_compiler", "why_pesq_is_alone"]

_SOURCE = Path(__file__).with_name("fourier.c")
# No contraction of products into sums, no processor of this very machine: bits must stay.
_FLAGS = ("-O3", "-ffp-contract=off", "-shared", "-fPIC")
_LONGEST_BUILD_S = 60
_REPLACED = ("RealFFT", "RealIFFT")
_RATE = 16000
_GET_COMPILER = "get your system's compiler (Debian: build-essential)"
_GET_PACKAGE = "pip install --force-reinstall --no-deps pesq (without CFLAGS of your own)"


class _AloneError(Exception):
    """The package computes alone: why, and what would mend it."""


def assess_pesq_faster(
    estimate: Samples, reference: Samples, sample_rate: int, mode: Mode
) -> tuple[float, str]:
    """Compute what `assess_pesq` does; in a process of its own only."""
    why_pesq_is_alone()
    return assess_pesq(estimate, reference, sample_rate, mode)


@functools.cache
def why_pesq_is_alone() -> tuple[str, str]:
    """Let the transforms answer for the package; in a process of its own only.

    Returns:
        Why the package computes alone and how to mend it; two empty strings where it does not.
    """
    try:
        _interpose()
    except _AloneError as error:
        why, mend = error.args
        return why, mend
    except (OSError, UsageError) as error:  # no room for temporary files, no package that loads
        return str(error), _GET_PACKAGE
    return "", ""


def find_compiler() -> str | None:
    """Return the path of a C compiler: the one that built Python, or a usual one."""
    usual = str(sysconfig.get_config_var("CC") or "cc").split()[0]
    return next(filter(None, map(shutil.which, (usual, "cc", "gcc", "clang"))), None)


def _interpose() -> None:
    """Load the transforms, then the package, and check that they work together."""
    if os.environ.get("AVSS_BENCH_PLAIN_PESQ"):
        raise _AloneError("AVSS_BENCH_PLAIN_PESQ is set", "unset AVSS_BENCH_PLAIN_PESQ")
    if not sys.platform.startswith("linux"):
        raise _AloneError(f"{sys.platform} does not let libraries answer so", "use Linux")
    if "pesq" in sys.modules:
        raise _AloneError(
            "this process loaded the package before", "call it in a process of its own"
        )
    extension = _extension()
    library = _load(_built())
    package = ctypes.CDLL(str(extension))  # a look-up in its handle finds its own
    try:
        originals = [ctypes.cast(package[name], ctypes.c_void_p) for name in _REPLACED]
    except AttributeError as error:
        raise _AloneError("the package names its transforms otherwise", _GET_PACKAGE) from error
    if not library.avss_fourier_begin(*originals):
        _switch(library, off=True)
        raise _AloneError("the package was built so that it rounds differently", _GET_PACKAGE)
    _try_out(library)


def _extension() -> Path:
    """Find the compiled code of the package without loading it."""
    found = importlib.util.find_spec("pesq")
    for place in (found and found.submodule_search_locations) or ():
        for path in Path(place).glob("cypesq*.so"):
            return path
    raise _AloneError("the compiled code of 'pesq' is not found", _GET_PACKAGE)


def _built() -> bytes:
    """Return the library as bytes, from the cache if it was built here before."""
    compiler = find_compiler()
    if compiler is None:
        raise _AloneError("no cc, gcc or clang", _GET_COMPILER)
    version = _run(compiler, "--version")
    machine = (platform.machine(), *platform.libc_ver())
    parts = (_SOURCE.read_bytes(), version, *(text.encode() for text in (*_FLAGS, *machine)))
    key = hashlib.sha256(b"\0".join(parts)).hexdigest()
    content = recall("fourier", key)
    if content is None:
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder, "fourier.so")
            _run(compiler, *_FLAGS, "-o", str(made), str(_SOURCE), "-lm")
            content = made.read_bytes()
        keep("fourier", key, content)
    return content


def _run(*command: str) -> bytes:
    """Call the compiler; return what it prints."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,  # ours is where the calls come from
            capture_output=True,
            check=True,
            timeout=_LONGEST_BUILD_S,
        )
    except (OSError, subprocess.SubprocessError) as error:
        why = f"{command[0]} does not compile the library ({type(error).__name__})"
        raise _AloneError(why, _GET_COMPILER) from error
    return done.stdout


def _load(content: bytes) -> ctypes.CDLL:
    """Load the library before all that comes later; its file is needed no longer then."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "fourier.so")
        path.write_bytes(content)
        try:
            return ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)
        except OSError as error:
            why = f"the library does not load from {path.parent.parent} ({error})"
            raise _AloneError(why, "name a folder that may hold programs in TMPDIR") from error


def _switch(library: ctypes.CDLL, *, off: bool) -> None:
    ctypes.c_int.in_dll(library, "avss_fourier_off").value = off


def _try_out(library: ctypes.CDLL) -> None:
    """Score noise both ways: the package must have called the library, and scored the same."""
    target, noise = np.random.default_rng(0).standard_normal((2, _RATE // 2))
    scores = []
    for off in (True, False):
        _switch(library, off=off)
        scores.append(assess_pesq(target + 0.1 * noise, target, _RATE, "nb"))
    if not ctypes.c_ulong.in_dll(library, "avss_fourier_calls").value:
        raise _AloneError("the package does not call its transforms by name", _GET_PACKAGE)
    if scores[0] != scores[1]:
        _switch(library, off=True)
        raise _AloneError("its scores are others with our transforms", "report this as a bug")
