"""Word error rates on the command line: which recogniser, and what is said of its counts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bench.cli.progress import progress_bar
from bench.core.plugins import load_plugin, plugins
from bench.errors import UsageError, unknown_name

if TYPE_CHECKING:
    from bench.asr.recogniser import Recogniser
    from bench.core.mixture import Mixture
    from bench.run.result import Run
    from bench.run.transcribe import WordErrors

__all__ = [
    "AUTO",
    "ENGINES",
    "board_model",
    "hear_runs",
    "load_recogniser",
    "recogniser_for",
    "words_text",
]

# Entry points of this group name modules with `build(model, *, device) -> Recogniser`.
PLUGINS = "bench.recognisers"

ENGINES = ("openai-whisper", "faster-whisper")
AUTO = "auto"


def load_recogniser(
    model: Path | None,
    engine: str = ENGINES[0],
    *,
    device: str = "cpu",
    batch: int = 16,
    download: bool = False,
) -> Recogniser:
    """Load the recogniser that the options name.

    Raises:
        UsageError: An unknown engine, or no model; says how to get one.
    """
    if point := plugins(PLUGINS).get(engine):
        recogniser: Recogniser = load_plugin(point).build(model, device=device)
        return recogniser
    if engine not in ENGINES:
        raise unknown_name("engine", engine, (*ENGINES, *plugins(PLUGINS)))
    if engine == "faster-whisper":
        if model is None:
            raise UsageError("faster-whisper needs the folder of a model: give --model.")
        from bench.asr.faster_whisper import FasterWhisper

        return FasterWhisper(model, device=device)
    from bench.asr.openai_whisper import OpenaiWhisper

    return OpenaiWhisper(model or board_model(download=download), device=device, batch=batch)


def board_model(*, download: bool = False) -> Path:
    """Return the file of the board's model.

    Raises:
        UsageError: It is not here and may not be fetched; says how to get it.
    """
    from bench.asr.board_model import fetch_board_model, find_board_model, how_to_get_it

    found = find_board_model() or (fetch_board_model() if download else None)
    if found is None:
        raise UsageError(f"{how_to_get_it()}.")
    return found


def words_text(run: Run, errors: WordErrors) -> str:
    """Say the rates of a run, each with its counts."""
    lines = [f"{run.system.name}: word errors, heard by {errors.about['recogniser']['engine']}"]
    for name, score in errors.scores.items():
        rate = "-" if score.rate is None else f"{score.rate:.1%}"
        counts = score.counts
        lines.append(
            f"  {name}: {rate} of {counts.reference_units} words ({counts.substitutions} "
            f"substituted, {counts.deletions} deleted, {counts.insertions} inserted), "
            f"{score.scored} of {score.expected} targets, {score.looping:.1%} looping"
        )
    lines.append(f"  references: {errors.about['word_references'] or 'as the data set has them'}")
    return "\n".join(lines)


def recogniser_for(model: str | None) -> Recogniser | None:
    """Load what `run --wer-model` names; None, with a word on how to get it, if auto finds none."""
    from bench.asr.board_model import find_board_model, how_to_get_it

    if model is None:
        return None
    if model != AUTO:
        return load_recogniser(Path(model))
    file = find_board_model()
    if file is None:
        typer.echo(f"avss-bench: no word error rates: {how_to_get_it()}.", err=True)
        return None
    return load_recogniser(file)


def hear_runs(
    runs: Sequence[Run], dataset: Sequence[Mixture], recogniser: Recogniser, *, json: bool
) -> None:
    """Transcribe runs just made, and say what came of it."""
    from bench.run.transcribe import transcribe_run

    for run in runs:
        with progress_bar(f"{run.system.name}, words", shown=not json) as advance:
            errors = transcribe_run(run, dataset, recogniser, progress=advance)
        if not json:
            typer.echo(words_text(run, errors))
