"""The one model whose word error rates stand on the board, and where its file is looked for.

Whisper "small", several languages: a clip costs about 5 s of one CPU core, so that 6000 of them
take a night on a core, and minutes on a GPU. Any other file is another metric: its rates carry the
recogniser in their ids.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from bench.core.cache import cache_folder
from bench.errors import DataError

__all__ = [
    "BOARD_SHA256",
    "fetch_board_model",
    "find_board_model",
    "how_to_get_it",
    "metric_mark",
]

BOARD_SHA256 = "9ecf779972d90ba49c06d968637d720dd632c55bbf19d441fb42bf17a411e794"
_NAME = "small.pt"
_URL = f"https://openaipublic.azureedge.net/main/whisper/models/{BOARD_SHA256}/{_NAME}"
_ENGINE = "openai-whisper"


def find_board_model() -> Path | None:
    """Return the model's file where it is on this machine, without looking inside.

    Looked for: what `AVSS_BENCH_WHISPER` names, this project's cache, Whisper's own.
    """
    named = os.environ.get("AVSS_BENCH_WHISPER")
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    places = [Path(named)] if named else [_folder() / _NAME, caches / "whisper" / _NAME]
    return next((place for place in places if place.is_file()), None)


def how_to_get_it() -> str:
    """Say in one sentence how to get the model."""
    return (
        f"word error rates need the Whisper model {_NAME} (461 MB): let `avss-bench transcribe "
        f"--download` fetch it, or get {_URL} and put it into {_folder()}, or name its file in "
        "AVSS_BENCH_WHISPER"
    )


def fetch_board_model() -> Path:
    """Download the model into the cache, pinned by its hash.

    Raises:
        DataError: It could not be fetched, or is not the model.
    """
    import pooch
    from requests import RequestException

    try:
        return Path(
            pooch.retrieve(_URL, known_hash=f"sha256:{BOARD_SHA256}", fname=_NAME, path=_folder())
        )
    except (RequestException, ValueError, OSError) as error:
        raise DataError(f"the model {_URL} could not be fetched: {error}") from error


def metric_mark(identity: Mapping[str, str]) -> str:
    """Return what a recogniser adds to metric ids: nothing for the board's, else its name.

    >>> metric_mark({"engine": "faster-whisper", "sha256": "0123456789"})
    '@faster-whisper-01234567'
    """
    if (identity["engine"], identity["sha256"]) == (_ENGINE, BOARD_SHA256):
        return ""
    return f"@{identity['engine']}-{identity['sha256'][:8]}"


def _folder() -> Path:
    return cache_folder() / "whisper"
