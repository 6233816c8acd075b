"""From a finished run with saved estimates to its word error rates.

In the run's folder it leaves `wer.json` (rates, counts, what they were measured with) and
`wer.jsonl.gz` (counts and hashes per target), which may be shared, and `private/texts.jsonl.gz`,
which may not: texts of licensed corpora. With the texts a new normaliser needs no new recognition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from bench.asr.board_model import metric_mark
from bench.asr.cached import recognise
from bench.asr.recogniser import SAMPLE_RATE, Recogniser, Voice
from bench.core.files import gzip_bytes, read_gzip, write_bytes, write_text
from bench.core.jsonio import dumps, dumps_pretty, loads
from bench.core.mixture import Mixture
from bench.core.names import estimate_path
from bench.errors import DataError, UsageError
from bench.metrics import normaliser_version, resample
from bench.run.files.wav import read_voice
from bench.run.planning import mixture_ids
from bench.run.result import Run
from bench.run.words import HeardTarget, WordScore, outgoing, parse_heard, score_words

__all__ = ["WordErrors", "recount", "transcribe_run"]

Progress = Callable[[int, int], None]

SCHEMA = 1
# Mixtures that are in memory at once.
_CHUNK = 32
_SEVERAL_LANGUAGES = ("mul", "und", "")
_PRIVATE = Path("private") / "texts.jsonl.gz"
_WARNING = "Texts of corpora whose licences forbid sharing them: keep this folder to yourself.\n"


@dataclass(frozen=True)
class WordErrors:
    """What a run came to in words.

    Attributes:
        run: Id of the run.
        scores: By metric id, that of the recogniser included.
        about: What they were measured with and against.
    """

    run: str
    scores: Mapping[str, WordScore]
    about: Mapping[str, Any]

    def plain(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        scores = {name: score.plain() for name, score in self.scores.items()}
        return {"schema": SCHEMA, "run": self.run, **self.about, "scores": scores}


def transcribe_run(
    run: Run,
    dataset: Sequence[Mixture],
    recogniser: Recogniser,
    *,
    progress: Progress | None = None,
) -> WordErrors:
    """Hear every estimate, clean target and mixture of a run, and count the errors.

    The language is that of the data set's card; where it names several, it is detected on the clean
    target and kept for the estimate and the mixture.

    Args:
        run: Finished, with saved estimates.
        dataset: What it was made from.
        recogniser: What hears.
        progress: Called with (targets heard, targets in all).

    Raises:
        UsageError: The run has no saved estimates, or another data set was given.
        DataError: An estimate cannot be read.
    """
    folder = _folder_with_estimates(run)
    if getattr(dataset, "list_sha256", run.plan.list_sha256) != run.plan.list_sha256:
        raise UsageError(
            f"the run {run.id} was made from another list than '{run.plan.dataset}' has now: give "
            "the data set that it was made from."
        )
    language = _language(dataset)
    wanted = {record.mixture for record in run.records}
    positions = [at for at, name in enumerate(mixture_ids(dataset)) if name in wanted]
    targets: list[HeardTarget] = []
    for some in _chunks(positions):
        mixtures = [dataset[position] for position in some]
        targets += _hear(folder / "estimates", mixtures, recogniser, language)
        if progress:
            progress(len(targets), len(run.records))
    about = {
        "dataset": run.plan.dataset,
        "recogniser": dict(recogniser.identity),
        "language": language or "detected on the clean target",
        "word_references": getattr(getattr(dataset, "card", None), "word_references", ""),
    }
    _write_lines(folder / _PRIVATE, [asdict(target) for target in targets])
    write_text(folder / "private" / "README.txt", _WARNING)
    return _counted(run, folder, targets, about)


def recount(run: Run) -> WordErrors:
    """Count a run's errors anew from the texts that were heard, with today's normaliser.

    Raises:
        DataError: The run was never transcribed, or its texts cannot be read.
    """
    folder = run.folder
    path = folder / "wer.json" if folder else Path("wer.json")
    if folder is None or not path.is_file():
        raise DataError(f"the run {run.id} has no wer.json: transcribe it first.")
    content = loads(path.read_text(encoding="utf-8"), str(path))
    names = ("dataset", "recogniser", "language", "word_references")
    if not isinstance(content, dict) or any(name not in content for name in names):
        raise DataError(f"{path} does not tell word errors: transcribe the run again.")
    targets = _read_targets(folder / _PRIVATE)
    return _counted(run, folder, targets, {name: content[name] for name in names})


def _counted(
    run: Run, folder: Path, targets: Sequence[HeardTarget], about: Mapping[str, Any]
) -> WordErrors:
    mark = metric_mark(about["recogniser"])
    scores = {name + mark: score for name, score in score_words(targets, run.expected).items()}
    found = WordErrors(run.id, scores, {**about, "normaliser": normaliser_version()})
    _write_lines(folder / "wer.jsonl.gz", [outgoing(target) for target in targets])
    write_text(folder / "wer.json", dumps_pretty(found.plain()))
    return found


def _folder_with_estimates(run: Run) -> Path:
    if run.folder is None or not (run.folder / "estimates").is_dir():
        raise UsageError(
            f"the run {run.id} has no saved estimates to listen to: make it with --save-estimates "
            "into a folder that does not hold it yet."
        )
    return run.folder


def _language(dataset: Sequence[Mixture]) -> str | None:
    """Return the language that a card names, as Whisper spells it; None where it names several."""
    named = str(getattr(getattr(dataset, "card", None), "language", ""))
    return None if named in _SEVERAL_LANGUAGES else named.partition("-")[0].lower()


def _chunks(positions: Sequence[int]) -> Iterator[list[int]]:
    remaining = iter(positions)
    while some := list(islice(remaining, _CHUNK)):
        yield some


def _hear(
    estimates: Path, mixtures: Sequence[Mixture], recogniser: Recogniser, language: str | None
) -> list[HeardTarget]:
    """Hear the clean targets first: they say in which language the others are heard."""
    targets = [(mixture, target) for mixture in mixtures for target in mixture.targets]
    clean = recognise(
        recogniser,
        [_at_16_khz(m.references[target - 1], m.sample_rate) for m, target in targets],
        [language] * len(targets),
    )
    languages = [hypothesis.language for hypothesis in clean]
    mixed = recognise(
        recogniser, [_at_16_khz(m.mixture, m.sample_rate) for m, _ in targets], languages
    )
    saved = [_estimate(estimates, mixture.id, target) for mixture, target in targets]
    there = [position for position, voice in enumerate(saved) if voice is not None]
    heard = recognise(
        recogniser,
        [voice for voice in saved if voice is not None],
        [languages[position] for position in there],
    )
    texts = dict(zip(there, (hypothesis.text for hypothesis in heard), strict=True))
    return [
        HeardTarget(
            name=mixture.id,
            target=target,
            language=languages[position],
            clean=clean[position].text,
            mixture=mixed[position].text,
            estimate=texts.get(position),
            transcript=mixture.transcripts[target - 1],
        )
        for position, (mixture, target) in enumerate(targets)
    ]


def _estimate(folder: Path, mixture: str, target: int) -> Voice | None:
    """Read a saved estimate; None where the separator failed."""
    path = estimate_path(folder, mixture, target)
    if not path.is_file():
        return None
    voice = read_voice(path)
    return _at_16_khz(voice.samples, voice.sample_rate)


def _at_16_khz(samples: Any, sample_rate: int) -> Voice:
    return np.asarray(resample(samples, from_hz=sample_rate, to_hz=SAMPLE_RATE), np.float32)


def _write_lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    write_bytes(path, gzip_bytes("".join(f"{dumps(row)}\n" for row in rows).encode()))


def _read_targets(path: Path) -> list[HeardTarget]:
    lines = read_gzip(path, "transcribe the run again").splitlines()
    return [
        parse_heard(loads(line, f"{path}, line {number}"), f"{path}, line {number}")
        for number, line in enumerate(lines, 1)
    ]
