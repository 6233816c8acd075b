"""`avss-bench transcribe`: word error rates of finished runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bench.cli.opening import DataOptions, open_data
from bench.cli.options import DeviceOption, JsonOption, ListOption, RootOption, UnofficialOption
from bench.cli.progress import progress_bar
from bench.cli.words import ENGINES, board_model, load_recogniser, words_text
from bench.core.jsonio import dumps_pretty

__all__ = ["register"]

ModelOption = Annotated[
    Path | None,
    typer.Option(help="Model of the recogniser; default: the board's, where it is found."),
]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    example = "avss-bench transcribe results/local/ctcnet_lrs2-2mix_0123456789ab --model small.pt"
    app.command("transcribe", epilog=f"Example: {example}")(transcribe)


def transcribe(
    runs: Annotated[
        list[Path] | None,
        typer.Argument(help="Folders of runs with saved estimates; none = look for the model."),
    ] = None,
    model: ModelOption = None,
    engine: Annotated[
        str, typer.Option(help="openai-whisper, or faster-whisper where it is installed.")
    ] = ENGINES[0],
    root: RootOption = None,
    list_file: ListOption = None,
    list_unofficial: UnofficialOption = False,
    device: DeviceOption = "cpu",
    batch: Annotated[int, typer.Option(help="Windows heard together.", min=1)] = 16,
    download: Annotated[bool, typer.Option("--download", help="Fetch the board's model.")] = False,
    recount: Annotated[
        bool, typer.Option("--recount", help="Count anew what was heard before; no model needed.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Hear every estimate of a run, and count the words that are wrong.

    Beside each rate stand those of the clean targets and of the mixtures. The texts stay in the
    run's folder `private/`; `wer.json` and `wer.jsonl.gz` hold counts and hashes only.
    """
    if not runs:
        typer.echo(f"the recogniser of the board: {board_model(download=download)}")
        return
    from bench.run.result import Run
    from bench.run.transcribe import recount as count_again
    from bench.run.transcribe import transcribe_run

    loaded = [Run.load(folder) for folder in runs]
    if recount:
        found = [count_again(run) for run in loaded]
    else:
        recogniser = load_recogniser(model, engine, device=device, batch=batch, download=download)
        found = []
        for run in loaded:
            data = open_data(run.plan.dataset, DataOptions(root, list_file, list_unofficial))
            with progress_bar(run.system.name, shown=not json) as advance:
                found.append(transcribe_run(run, data, recogniser, progress=advance))
    if json:
        typer.echo(dumps_pretty([errors.plain() for errors in found]), nl=False)
    else:
        for run, errors in zip(loaded, found, strict=True):
            typer.echo(words_text(run, errors))
