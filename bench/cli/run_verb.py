"""`avss-bench run`: separate and score a data set."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.options import JsonOption, MetricsOption, WorkersOption, parse_settings
from bench.cli.progress import progress_bar
from bench.core.jsonio import dumps_pretty
from bench.errors import UsageError

if TYPE_CHECKING:
    from bench.run.result import Run
    from bench.separators.base import Separator

__all__ = ["register"]

_INTERRUPTED = 130


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("run", epilog="Example: avss-bench run mixture --dataset talking-heads-2mix")(run)


def run(
    separators: Annotated[list[str], typer.Argument(help="Ids; `avss-bench list` shows them.")],
    dataset: Annotated[str, typer.Option(help="Id of the data set.")] = "talking-heads-2mix",
    out: Annotated[Path, typer.Option(help="Folder of runs.")] = Path("results/local"),
    root: Annotated[Path | None, typer.Option(help="Your copy of the corpus.")] = None,
    checkpoint: Annotated[Path | None, typer.Option(help="The separator's weights.")] = None,
    lip_checkpoint: Annotated[Path | None, typer.Option(help="The lip encoder's.")] = None,
    face_checkpoint: Annotated[Path | None, typer.Option(help="The face encoder's.")] = None,
    download: Annotated[bool, typer.Option(help="Fetch published weight files.")] = False,
    random_weights: Annotated[
        bool, typer.Option(help="Run a network without weights; never ranked.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Of random weights.")] = 0,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="NAME=VALUE of a hyper-parameter.")
    ] = None,
    mouth_input: Annotated[
        str, typer.Option(help="How crops are fed; `list ID` names the ways.")
    ] = "default",
    mouths: Annotated[
        str,
        typer.Option(help="as-is, swapped, frozen, blank, shifted:N, jittered:S or dropped:P."),
    ] = "as-is",
    metrics: MetricsOption = None,
    limit: Annotated[int | None, typer.Option(help="A quick look at so many mixtures.")] = None,
    workers: WorkersOption = 1,
    threads: Annotated[int, typer.Option(help="Arithmetic threads per process.", min=1)] = 1,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    save_estimates: Annotated[bool, typer.Option(help="Keep the separated wavs.")] = False,
    json: JsonOption = False,
) -> None:
    """Separate every mixture of a data set, score both voices, and keep the records.

    Run it again with the same settings and it goes on where it stopped.
    """
    files = {
        "checkpoint": checkpoint,
        "lip_checkpoint": lip_checkpoint,
        "face_checkpoint": face_checkpoint,
    }
    if len(separators) > 1 and any(files.values()):
        raise UsageError("weight files were given for several separators; run them one by one.")
    chosen = {**parse_settings(settings or [])}
    if mouth_input != "default":
        chosen["mouth_input"] = mouth_input
    import bench
    from bench.metrics import DEFAULT_METRICS

    data = bench.load_dataset(dataset, root)
    results = []
    for name in separators:
        if download:
            from bench.separators.download import fetch_files

            files |= fetch_files(name, missing=[r for r, path in files.items() if path is None])
        separator = bench.load_separator(name, **files, settings=chosen, device=device, seed=seed)
        _refuse_random(separator, random_weights)
        with progress_bar(name, shown=not json) as advance:
            try:
                result = bench.evaluate(
                    separator,
                    data,
                    out=out,
                    metrics=metrics or DEFAULT_METRICS,
                    workers=workers,
                    threads=threads,
                    limit=limit,
                    mouths=mouths,
                    save_estimates=save_estimates,
                    progress=advance,
                )
            except KeyboardInterrupt:
                raise SystemExit(_say_interrupted(out)) from None
        results.append(result)
    _report(results, json=json)


def _refuse_random(separator: Separator, random_weights: bool) -> None:
    """A network without weights must be meant."""
    card = separator.card
    if separator.identity.weights == "random" and not random_weights:
        needs = ", ".join(f"--{f.role.replace('_', '-')} ({f.name})" for f in card.files)
        raise UsageError(
            f"{card.id} was given no weights: give {needs}, or --random-weights to try the path."
        )


def _say_interrupted(out: Path) -> int:
    typer.echo(
        f"avss-bench: interrupted; finished mixtures are kept in {out}, and the same command "
        "goes on from there.",
        err=True,
    )
    return _INTERRUPTED


def _report(results: list[Run], *, json: bool) -> None:
    """Print what came of it; failures give exit code 1."""
    if json:
        content = [
            {"run": r.id, "folder": str(r.folder), "summary": r.summary.plain()} for r in results
        ]
        typer.echo(dumps_pretty(content), nl=False)
    else:
        for result in results:
            typer.echo(_sentence(result))
    if any(result.summary.failed or result.summary.undefined for result in results):
        sys.exit(1)


def _sentence(result: Run) -> str:
    summary = result.summary
    improved = summary.aggregates.get("si_snr_i")
    shown = f"SI-SNRi {improved.mean:.2f} dB, " if improved and improved.mean is not None else ""
    lines = [
        f"{result.system.name}: {shown}{summary.ok} of {summary.expected} targets scored in full, "
        f"{summary.undefined} with an undefined score, {summary.failed} failed; {result.folder}"
    ]
    bad = [record for record in result.records if record.status != "ok"]
    lines += [f"  {r.mixture}/s{r.target}: {r.error}" for r in bad[:5]]
    lines += [f"  and {len(bad) - 5} more in records.jsonl.gz"] if len(bad) > 5 else []
    lines += [f"  note: {note}" for note in (*result.system.notes, *summary.symptoms)]
    return "\n".join(lines)
