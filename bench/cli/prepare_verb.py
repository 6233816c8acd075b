"""`avss-bench prepare`: turn a licensed copy into checked two-speaker mixtures."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.opening import DataOptions, open_data
from bench.cli.options import (
    CropsOption,
    JsonOption,
    LandmarksOption,
    ListOption,
    MediapipeOption,
    RootOption,
    UnofficialOption,
    WorkersOption,
)
from bench.cli.progress import progress_bar
from bench.core.files import write_text
from bench.core.jsonio import dumps_pretty
from bench.errors import DataError, UsageError

if TYPE_CHECKING:
    from bench.datasets.checks import Verification
    from bench.datasets.fingerprint import Comparison
    from bench.datasets.pictures.speakers import Recording
    from bench.run.files.prepare import Needed, Prepared

__all__ = ["find_people", "refuse_missing_video", "register"]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    example = "avss-bench prepare lrs2-2mix --root LRS2 --list tt.scp --out lrs2 --verify"
    app.command("prepare", epilog=f"Example: {example}")(prepare)


def prepare(
    dataset: Annotated[str | None, typer.Argument(help="Id of the data set.")] = None,
    video: Annotated[
        Path | None, typer.Option(help="Instead: any video; find its people and their mouths.")
    ] = None,
    people: Annotated[int, typer.Option(help="How many are in the video.", min=1)] = 2,
    root: RootOption = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the new tree.")] = None,
    list_file: ListOption = None,
    list_unofficial: UnofficialOption = False,
    download: Annotated[
        bool, typer.Option("--download", help="Fetch the list from its authors.")
    ] = False,
    export: Annotated[
        Path | None,
        typer.Option(help="Write mixtures and mouths for programs that know nothing of this one."),
    ] = None,
    crops: CropsOption = None,
    landmarks: LandmarksOption = None,
    mediapipe: MediapipeOption = None,
    videos: Annotated[
        bool, typer.Option("--videos", help="Copy the videos too, for systems that see faces.")
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Check everything; without --out, check the root.")
    ] = False,
    fingerprint: Annotated[
        Path | None, typer.Option(help="Write the fingerprint of what was checked here.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option(help="Fingerprint of another copy to compare with.")
    ] = None,
    workers: WorkersOption = 2,
    json: JsonOption = False,
) -> None:
    """Rebuild the fixed mixtures of LRS2, LRS3 or VoxCeleb2 from your own licensed copy.

    Give the same command again after an interruption and it goes on where it stopped.

    MediaPipe needs an environment of its own:
    `python3.11 -m venv .venv-mediapipe` and
    `.venv-mediapipe/bin/pip install -c constraints-mediapipe.txt mediapipe==0.10.21`;
    then `--mediapipe .venv-mediapipe/bin/python`.
    """
    if video is not None:
        _prepare_video(video, out, mediapipe, people, json=json)
        return
    options = DataOptions(root, list_file, list_unofficial, download, crops, landmarks, mediapipe)
    if dataset is not None and export is not None:
        _export(dataset, options, export, json=json)
        return
    verify = verify or fingerprint is not None or against is not None
    if dataset is None or root is None or (out is None and not verify):
        raise UsageError("give a data set, --root, and --out or --verify; see prepare --help.")
    found: dict[str, object] = {"dataset": dataset}
    if out is not None:
        found["prepared"] = _plain(_prepare(dataset, options, out, videos, workers, json=json))
        options = DataOptions(out, list_file, list_unofficial)
    passed = True
    if verify:
        passed = _verify(dataset, options, fingerprint, against, workers, found, json=json)
    if json:
        typer.echo(dumps_pretty(found), nl=False)
    if not passed:
        sys.exit(1)


def _export(id: str, options: DataOptions, out: Path, *, json: bool) -> None:
    from bench.run.files.export import export_dataset

    with progress_bar(f"export {id}", shown=not json) as advance:
        manifest = export_dataset(open_data(id, options), out, progress=advance)
    if json:
        typer.echo(dumps_pretty({"manifest": str(manifest)}), nl=False)
    else:
        typer.echo(f"{manifest}: write s1/ and s2/ wavs of the same names, then `run --estimates`")


def _prepare_video(
    video: Path, out: Path | None, mediapipe: Path | None, people: int, *, json: bool
) -> None:
    recording = find_people(video, out, mediapipe, people, shown=not json)
    seen = [speaker.seen for speaker in recording.speakers]
    frames = len(recording.speakers[0].mouths)
    if json:
        facts = {"folder": str(out), "frames": frames, "frames_with_face": seen}
        typer.echo(dumps_pretty(facts), nl=False)
        return
    typer.echo(f"{out}: audio.wav, mouths of {people} people, contact_sheet.png to look at")
    for number, count in enumerate(seen, start=1):
        typer.echo(f"  speaker {number} from the left: face found in {count} of {frames} frames")


def find_people(
    video: Path, out: Path | None, mediapipe: Path | None, people: int, *, shown: bool
) -> Recording:
    """Find the people in a video and write their mouths; see `bench.run.files.video`.

    Raises:
        DataError: There is no such video.
        UsageError: No folder, or no interpreter with MediaPipe was given.
    """
    refuse_missing_video(video)
    if out is None:
        raise UsageError("a video needs --out, a folder for what is found in it.")
    if mediapipe is None:
        raise UsageError(
            "a video needs --mediapipe PYTHON of an environment with MediaPipe; "
            "`avss-bench prepare --help` says how to make it."
        )
    from bench.run.files.video import prepare_video

    with progress_bar("frames", shown=shown) as advance:
        return prepare_video(video, out, mediapipe, people, advance)


def refuse_missing_video(video: Path) -> None:
    """Say that a video is not there, before anything is loaded for it.

    Raises:
        DataError: There is no such file.
    """
    if not video.is_file():
        raise DataError(f"there is no video {video}; check the path.")


def _prepare(
    id: str, options: DataOptions, out: Path, videos: bool, workers: int, *, json: bool
) -> Prepared:
    from bench.run.files.prepare import estimate_size, prepare

    data = open_data(id, options)
    typer.echo(_size_text(estimate_size(data, out, videos=videos), data.mouth_origin), err=True)
    with progress_bar(f"prepare {id}", shown=not json) as advance:
        done = prepare(data, out, workers=workers, videos=videos, progress=advance)
    if not json:
        typer.echo(_done_text(done))
    return done


def _verify(
    id: str,
    options: DataOptions,
    fingerprint: Path | None,
    against: Path | None,
    workers: int,
    found: dict[str, object],
    *,
    json: bool,
) -> bool:
    from bench.datasets.fingerprint import compare
    from bench.run.data_sameness import read_fingerprint
    from bench.run.files.verify import verify

    other = None if against is None else read_fingerprint(against)
    data = open_data(id, options)
    with progress_bar(f"verify {id}", shown=not json) as advance:
        result = verify(data, workers, advance)
    found["checks"] = [vars(check) for check in result.checks]
    found["sha256"] = result.fingerprint.sha256
    found["marks"] = list(data.marks)
    if fingerprint is not None:
        write_text(fingerprint, result.fingerprint.text())
    comparison = None if other is None else compare(result.fingerprint, other)
    if comparison is not None:
        found["comparison"] = vars(comparison)
    if not json:
        typer.echo(_checks_text(result, data.marks, comparison))
    return result.passed and (comparison is None or comparison.kind != "different")


def _size_text(needed: Needed, mouths: str) -> str:
    parts = {
        "mixtures": needed.audio_bytes,
        f"mouths from {mouths}": needed.mouth_bytes,
        "videos": needed.video_bytes,
    }
    said = ", ".join(f"{name} {size / 1e6:.0f} MB" for name, size in parts.items() if size)
    total, free = needed.total_bytes / 1e6, needed.free_bytes / 1e9
    return f"disk use: about {total:.0f} MB ({said}); {free:.1f} GB are free"


def _done_text(done: Prepared) -> str:
    there = done.mixtures - done.made
    lines = [
        f"{done.folder}: {done.mixtures} mixtures ({there} were there already), "
        f"{done.mouths} mouths"
    ]
    if not done.mouths:
        lines.append("  no mouth crops: only systems that look at none can run on this tree")
    if done.converted:
        kinds = ", ".join(sorted(set(done.converted.values())))
        lines.append(f"  {len(done.converted)} utterances were converted ({kinds})")
    return "\n".join(lines)


def _checks_text(
    result: Verification, marks: tuple[str, ...], comparison: Comparison | None
) -> str:
    from tabulate import tabulate

    rows = [(check.name, check.expected, check.found, check.outcome) for check in result.checks]
    lines = [
        tabulate(rows, ("check", "expected", "found", ""), "rounded_outline", disable_numparse=True)
    ]
    lines.append(f"fingerprint {result.fingerprint.sha256}")
    lines += [f"note: {mark}" for mark in marks]
    if comparison is not None:
        lines.append("; ".join([f"{comparison.kind} data", *comparison.reasons]))
    return "\n".join(lines)


def _plain(done: Prepared) -> dict[str, object]:
    return {**vars(done), "folder": str(done.folder), "converted": dict(done.converted)}
