"""`avss-bench stress`: what a separator is worth when picture and sound drift apart."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.loading import SeparatorOptions, load
from bench.cli.options import (
    CheckpointOption,
    DatasetOption,
    DeviceOption,
    DownloadOption,
    FaceCheckpointOption,
    JsonOption,
    LipCheckpointOption,
    MouthInputOption,
    RandomOption,
    RootOption,
    SeedOption,
    SetOption,
    ThreadsOption,
    WorkersOption,
)
from bench.cli.progress import progress_bar
from bench.core.files import write_bytes, write_text
from bench.core.jsonio import dumps_pretty
from bench.errors import unknown_name

if TYPE_CHECKING:
    from bench.run.stress import StressPoint

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    example = "avss-bench stress ctcnet --checkpoint best_model.pth --lip-checkpoint lip.pth.tar"
    app.command("stress", epilog=f"Example: {example}")(stress)


def stress(
    separator: Annotated[str, typer.Argument(help="Id; `avss-bench list` shows them.")],
    dataset: DatasetOption = "talking-heads-2mix",
    out: Annotated[Path, typer.Option(help="Folder of runs and figures.")] = Path(
        "results/local/stress"
    ),
    root: RootOption = None,
    checkpoint: CheckpointOption = None,
    lip_checkpoint: LipCheckpointOption = None,
    face_checkpoint: FaceCheckpointOption = None,
    download: DownloadOption = False,
    random_weights: RandomOption = False,
    seed: SeedOption = 0,
    settings: SetOption = None,
    mouth_input: MouthInputOption = "default",
    kinds: Annotated[
        list[str] | None,
        typer.Option("--kind", help="shifted, jittered or dropped; repeat it. Default: all."),
    ] = None,
    limit: Annotated[int, typer.Option(help="Mixtures per point, a fixed subset.", min=1)] = 20,
    workers: WorkersOption = 1,
    threads: ThreadsOption = 1,
    device: DeviceOption = "cpu",
    json: JsonOption = False,
) -> None:
    """Sweep the audio-video offset from -9 to +9 frames, jitter and dropped frames; draw curves."""
    import bench
    from bench.run.stress import SWEEPS
    from bench.run.stress import stress as sweep

    for kind in kinds or []:
        if kind not in SWEEPS:
            raise unknown_name("kind of stress", kind, SWEEPS)
    files = (checkpoint, lip_checkpoint, face_checkpoint)
    options = SeparatorOptions(
        *files, settings, mouth_input, download, random_weights, seed, device
    )
    loaded = load(separator, options)
    data = bench.load_dataset(dataset, root)
    with progress_bar(f"stress {separator}", shown=not json) as advance:
        points = sweep(
            loaded,
            data,
            out=out,
            kinds=kinds or tuple(SWEEPS),
            limit=limit,
            workers=workers,
            threads=threads,
            progress=advance,
        )
    _report(points, out / f"stress_{separator}_{dataset}", json=json)


def _report(points: list[StressPoint], stem: Path, *, json: bool) -> None:
    """Write figures and figures' data, and print the table."""
    from tabulate import tabulate

    from bench.board.curves import draw_stress, stress_rows

    rows = stress_rows(points)
    for format in ("svg", "png"):
        write_bytes(stem.with_suffix(f".{format}"), draw_stress(points, format))
    write_text(stem.with_suffix(".json"), dumps_pretty(rows))
    if json:
        typer.echo(dumps_pretty(rows), nl=False)
        return
    cells = [
        (
            row["disturbance"],
            f"{row['amount']:g}",
            "-" if row["si_snr_i"] is None else f"{row['si_snr_i']:.2f}",
            "-" if row["nearer_to_interferer"] is None else f"{row['nearer_to_interferer']:.0%}",
            f"{row['scored']}/{row['expected']}",
        )
        for row in rows
    ]
    headers = ["disturbance", "amount", "SI-SNRi (dB)", "nearer to interferer", "scored"]
    typer.echo(tabulate(cells, headers, "rounded_outline", disable_numparse=True))
    typer.echo(f"curves: {stem}.svg, {stem}.png")
