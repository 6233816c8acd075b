"""Recognition that is done once: texts are kept by the content of the voice and the recogniser.

References and mixtures of a benchmark are heard once for all systems. The cache is the user's own:
it holds texts of licensed corpora.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from bench.asr.recogniser import Hypothesis, Recogniser, Voice
from bench.core.cache import keep, recall
from bench.core.hashing import hash_array, hash_settings
from bench.core.jsonio import dumps, loads

__all__ = ["recognise"]

_KIND = "transcripts"


def recognise(
    recogniser: Recogniser, voices: Sequence[Voice], languages: Sequence[str | None]
) -> list[Hypothesis]:
    """Write down what is said in each voice; equal voices are heard once.

    Args:
        recogniser: What hears.
        voices: float32 `(samples,)` each, 16 kHz.
        languages: Of each voice; None = detect it.
    """
    identity = dict(recogniser.identity)
    addresses = [
        hash_settings({"voice": hash_array(voice), "language": language, "by": identity})
        for voice, language in zip(voices, languages, strict=True)
    ]
    known = {address: kept for address in addresses if (kept := _recalled(address))}
    for language in sorted(set(languages), key=str):
        wanted = {
            address: voice
            for address, voice, spoken in zip(addresses, voices, languages, strict=True)
            if spoken == language and address not in known
        }
        heard = recogniser.recognise(list(wanted.values()), language) if wanted else []
        for address, hypothesis in zip(wanted, heard, strict=True):
            known[address] = hypothesis
            keep(_KIND, address, dumps(asdict(hypothesis)).encode())
    return [known[address] for address in addresses]


def _recalled(address: str) -> Hypothesis | None:
    kept = recall(_KIND, address)
    return Hypothesis(**loads(kept, "a cached transcript")) if kept else None
