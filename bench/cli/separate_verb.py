"""`avss-bench separate`: from a video of two people to their two voices."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bench.cli.loading import SeparatorOptions, load
from bench.cli.options import (
    CheckpointOption,
    DeviceOption,
    DownloadOption,
    FaceCheckpointOption,
    JsonOption,
    LipCheckpointOption,
    MediapipeOption,
    MouthInputOption,
    RandomOption,
    SeedOption,
    SetOption,
    ThreadsOption,
)
from bench.cli.prepare_verb import find_people, refuse_missing_video
from bench.core.jsonio import dumps_pretty
from bench.errors import UsageError

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    example = (
        "avss-bench separate talk.mp4 --separator ctcnet --checkpoint best_model.pth "
        "--lip-checkpoint lip.pth.tar --mediapipe mp/bin/python --out voices"
    )
    app.command("separate", epilog=f"Example: {example}")(separate)


def separate(
    video: Annotated[Path, typer.Argument(help="A video of two people.")],
    separator: Annotated[str, typer.Option(help="Id of a system; `avss-bench list` shows them.")],
    out: Annotated[Path, typer.Option(help="Folder for the voices.")],
    mediapipe: MediapipeOption = None,
    window_s: Annotated[
        float | None, typer.Option(help="Go by windows of so many seconds, for long videos.")
    ] = None,
    checkpoint: CheckpointOption = None,
    lip_checkpoint: LipCheckpointOption = None,
    face_checkpoint: FaceCheckpointOption = None,
    download: DownloadOption = False,
    random_weights: RandomOption = False,
    seed: SeedOption = 0,
    settings: SetOption = None,
    mouth_input: MouthInputOption = "default",
    threads: ThreadsOption = 1,
    device: DeviceOption = "cpu",
    json: JsonOption = False,
) -> None:
    """Find the two people in a video and write what each of them says.

    Writes both voices as wav, and the video with each voice; speaker 1 is the one on the left.
    """
    refuse_missing_video(video)
    files = (checkpoint, lip_checkpoint, face_checkpoint)
    options = SeparatorOptions(
        *files, settings, mouth_input, download, random_weights, seed, device
    )
    loaded = load(separator, options)
    if getattr(loaded, "uses_references", False):
        raise UsageError(f"{separator} needs the clean voices, which a video does not have.")
    recording = find_people(video, out, mediapipe, 2, shown=not json)
    from bench.datasets.pictures.mediapipe_mouths import MARK
    from bench.run.files.separate import MixtureSeparator, numeric_settings
    from bench.run.files.video import write_voices
    from bench.run.mouth_modes import parse_mouth_mode

    source = MixtureSeparator(loaded, parse_mouth_mode("as-is"), device)
    with numeric_settings(threads):
        written = write_voices(recording, source.voices, video, out, window_s)
    if json:
        facts = {"separator": separator, "files": [str(path) for path in written], "mark": MARK}
        typer.echo(dumps_pretty(facts), nl=False)
        return
    for path in written:
        typer.echo(str(path))
    typer.echo(f"note: {MARK}; look at {out / 'contact_sheet.png'}")
