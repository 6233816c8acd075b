"""`avss-bench run`: separate and score a data set."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.loading import SeparatorOptions, load
from bench.cli.opening import DataOptions, open_data
from bench.cli.options import (
    CardOption,
    CheckpointOption,
    CropsOption,
    DatasetOption,
    DeviceOption,
    DownloadOption,
    FaceCheckpointOption,
    JsonOption,
    LandmarksOption,
    LipCheckpointOption,
    ListOption,
    MediapipeOption,
    MetricsOption,
    MouthInputOption,
    PatternOption,
    RandomOption,
    RootOption,
    SeedOption,
    SetOption,
    ThreadsOption,
    UnofficialOption,
    WorkersOption,
)
from bench.cli.progress import progress_bars
from bench.cli.words import hear_runs, recogniser_for
from bench.core.jsonio import dumps_pretty
from bench.core.names import ESTIMATE_PATTERN
from bench.errors import UsageError

if TYPE_CHECKING:
    from torch import nn

    from bench.datasets import Dataset
    from bench.run.files.saved import SavedEstimates
    from bench.run.result import Run

__all__ = ["register"]

SeparatorsArgument = Annotated[
    list[str] | None, typer.Argument(help="Ids; `avss-bench list` shows them.")
]
OwnOption = Annotated[
    list[str] | None,
    typer.Option("--separator", help="Your own: FILE.py:FUNCTION, or PROGRAM.pt2."),
]
EstimatesOption = Annotated[
    Path | None, typer.Option(help="Folder of estimates that were written elsewhere.")
]
NameOption = Annotated[str | None, typer.Option(help="What tables call your own system.")]
PermutationOption = Annotated[
    str, typer.Option(help="given, or best for systems that do not see who is who.")
]
MouthsOption = Annotated[
    str, typer.Option(help="as-is, swapped, frozen, blank, shifted:N, jittered:S or dropped:P.")
]
LimitOption = Annotated[int | None, typer.Option(help="A quick look at so many mixtures.")]
SaveOption = Annotated[bool, typer.Option("--save-estimates", help="Keep the separated wavs.")]
RetryOption = Annotated[bool, typer.Option("--retry-failed", help="Try again what failed before.")]
PartOption = Annotated[
    str | None,
    typer.Option(help="K/N: the K-th of N parts, for several machines; see `avss-bench merge`."),
]
WerModelOption = Annotated[
    str | None,
    typer.Option(help="Whisper model for word error rates; 'auto': the board's, if here."),
]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    example = "avss-bench run mixture ideal-ratio-mask --dataset talking-heads-2mix --workers 2"
    app.command("run", epilog=f"Example: {example}")(run)


def run(
    separators: SeparatorsArgument = None,
    own: OwnOption = None,
    card: CardOption = None,
    estimates: EstimatesOption = None,
    pattern: PatternOption = ESTIMATE_PATTERN,
    name: NameOption = None,
    permutation: PermutationOption = "given",
    dataset: DatasetOption = "talking-heads-2mix",
    out: Annotated[Path, typer.Option(help="Folder of runs.")] = Path("results/local"),
    root: RootOption = None,
    list_file: ListOption = None,
    list_unofficial: UnofficialOption = False,
    crops: CropsOption = None,
    landmarks: LandmarksOption = None,
    mediapipe: MediapipeOption = None,
    checkpoint: CheckpointOption = None,
    lip_checkpoint: LipCheckpointOption = None,
    face_checkpoint: FaceCheckpointOption = None,
    download: DownloadOption = False,
    random_weights: RandomOption = False,
    seed: SeedOption = 0,
    settings: SetOption = None,
    mouth_input: MouthInputOption = "default",
    mouths: MouthsOption = "as-is",
    metrics: MetricsOption = None,
    limit: LimitOption = None,
    part: PartOption = None,
    workers: WorkersOption = 1,
    threads: ThreadsOption = 1,
    device: DeviceOption = "cpu",
    save_estimates: SaveOption = False,
    retry_failed: RetryOption = False,
    wer_model: WerModelOption = None,
    json: JsonOption = False,
) -> None:
    """Separate every mixture of a data set, score both voices, and keep the records.

    Run it again with the same settings and it goes on where it stopped.
    """
    files = (checkpoint, lip_checkpoint, face_checkpoint)
    options = SeparatorOptions(
        *files, settings, mouth_input, download, random_weights, seed, device, card
    )
    names = [*(separators or []), *(own or [])]
    _refuse_misfits(names, estimates, options)
    _refuse_words_of_a_part(part, wer_model)
    import bench

    recogniser = recogniser_for(wer_model)
    material = DataOptions(root, list_file, list_unofficial, download, crops, landmarks, mediapipe)
    data = open_data(dataset, material)
    evaluate = partial(
        bench.evaluate,
        dataset=data,
        out=out,
        metrics=metrics or bench.metrics.DEFAULT_METRICS,
        workers=workers,
        threads=threads,
        limit=limit,
        part=part,
        mouths=mouths,
        permutation=permutation,
        retry_failed=retry_failed,
        save_estimates=save_estimates or recogniser is not None,
        name=name,
    )
    saved = None if estimates is None else _saved(estimates, name, pattern)
    results = []
    for label in names or [str(estimates)]:
        with progress_bars("reading the data", label, shown=not json) as (preparing, advance):
            source = saved or _network(label, options, data)
            results.append(evaluate(source, preparing=preparing, progress=advance))
    if recogniser is not None:
        hear_runs(results, data, recogniser, json=json)
    _report(results, json=json)


def _refuse_misfits(names: list[str], estimates: Path | None, options: SeparatorOptions) -> None:
    if bool(names) == (estimates is not None):
        raise UsageError("name one or more separators, or give a folder with --estimates.")
    if len(names) > 1 and any(options.files.values()):
        raise UsageError("weight files were given for several separators; run them one by one.")


def _refuse_words_of_a_part(part: str | None, wer_model: str | None) -> None:
    if part is not None and wer_model is not None:
        raise UsageError(
            "a part has no word error rates: merge the parts, then use `avss-bench transcribe`."
        )


def _saved(folder: Path, name: str | None, pattern: str) -> SavedEstimates:
    from bench.run.files.saved import SavedEstimates

    return SavedEstimates(folder, name or folder.resolve().name, pattern)


def _network(label: str, options: SeparatorOptions, data: Dataset) -> nn.Module:
    """Load a separator; one that looks at mouths needs them all before anything starts."""
    network = load(label, options)
    if getattr(network, "mouth_input", None) is not None:
        data.require_mouths()
    return network


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
    shown = f"SI-SNRi {improved.mean:z.2f} dB, " if improved and improved.mean is not None else ""
    lines = [
        f"{result.system.name}: {shown}{summary.ok} of {summary.expected} targets scored in full, "
        f"{summary.undefined} with an undefined score, {summary.failed} failed; {result.folder}"
    ]
    if not summary.complete:
        lines.append("  a part of the run: join all parts with `avss-bench merge`")
    bad = [record for record in result.records if record.status != "ok"]
    lines += [f"  {r.mixture}/s{r.target}: {r.error}" for r in bad[:5]]
    lines += [f"  and {len(bad) - 5} more in records.jsonl.gz"] if len(bad) > 5 else []
    lines += [f"  note: {note}" for note in (*result.system.notes, *summary.symptoms)]
    return "\n".join(lines)
