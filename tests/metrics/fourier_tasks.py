"""What the tests of our transforms let another process do."""

from __future__ import annotations

import ctypes
import functools
from pathlib import Path

import numpy as np

from bench.metrics import fourier

KINDS = ("noise", "silence", "impulse", "tiny", "large", "coarse")


def score(source: Path | None, loaded: bool, *arguments: object) -> tuple[object, str]:
    """Score one item with a source of its own, or where pesq is there already."""
    if source is not None:
        fourier._SOURCE = source
    if loaded:
        import pesq  # noqa: F401
    found = fourier.assess_pesq_faster(*arguments)
    return found, fourier.why_pesq_is_alone()[0]


def differing(log: int, kinds: tuple[str, ...]) -> list[tuple[str, str]]:
    """Which transforms of 2**log samples do not give the package's bits."""
    ours, package = libraries()
    found = []
    for name in fourier._REPLACED:
        for kind in kinds:
            one, other = (samples(kind, (1 << log) + 2) for _ in range(2))
            for library, x in ((ours, one), (package, other)):
                library[name](ctypes.c_void_p(x.ctypes.data), ctypes.c_ulong(1 << log))
            if one.tobytes() != other.tobytes():
                found.append((name, kind))
    return found


def calls(log: int) -> int:
    """How many of 2 transforms of 2**log samples the library computes itself."""
    differing(log, ("noise",))
    return int(ctypes.c_ulong.in_dll(libraries()[0], "avss_fourier_calls").value)


@functools.cache
def libraries() -> tuple[ctypes.CDLL, ctypes.CDLL]:
    """Load our library and the package's."""
    ours, package = fourier._load(fourier._built()), ctypes.CDLL(str(fourier._extension()))
    ours.avss_fourier_begin(*(ctypes.cast(package[n], ctypes.c_void_p) for n in fourier._REPLACED))
    return ours, package


def samples(kind: str, size: int) -> np.ndarray:
    noise = np.random.default_rng(size).standard_normal(size)
    made = {
        "noise": noise,
        "silence": np.zeros(size),
        "impulse": np.eye(1, size, 3)[0],
        "tiny": 1e-40 * noise,
        "large": 1e28 * noise,
        "coarse": np.round(noise),
    }
    return made[kind].astype(np.float32)
