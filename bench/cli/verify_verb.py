"""`avss-bench verify`: a sample of a submission, run again by somebody else."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.loading import SeparatorOptions, load
from bench.cli.opening import DataOptions, open_data
from bench.cli.options import (
    CardOption,
    CheckpointOption,
    CropsOption,
    DeviceOption,
    DownloadOption,
    FaceCheckpointOption,
    JsonOption,
    LandmarksOption,
    LipCheckpointOption,
    ListOption,
    MediapipeOption,
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
from bench.cli.progress import progress_bar
from bench.core.jsonio import dumps_pretty
from bench.core.names import ESTIMATE_PATTERN
from bench.errors import UsageError

if TYPE_CHECKING:
    from torch import nn

    from bench.board.submissions import Submission
    from bench.board.verification.replay import Replay
    from bench.run.files.saved import SavedEstimates
    from bench.run.result import Run

__all__ = ["register"]


SubmissionArgument = Annotated[Path, typer.Argument(help="Folder of the submission.")]
RunOption = Annotated[str | None, typer.Option(help="Id of the run, where there are several.")]
OfSetOption = Annotated[
    str | None, typer.Option(help="Its data set, where there are several runs.")
]
OwnOption = Annotated[
    str | None,
    typer.Option(help="Id, FILE.py:FUNCTION or PROGRAM.pt2. Default: the id that it names."),
]
EstimatesOption = Annotated[
    Path | None, typer.Option(help="Folder of all estimates, to be scored again.")
]
SampleOption = Annotated[int, typer.Option(help="Number of mixtures that are drawn.", min=1)]
SaltOption = Annotated[
    str, typer.Option(help="A word that you choose now; no submitter can have foreseen it.")
]
MarkOption = Annotated[
    bool, typer.Option("--mark/--no-mark", help="Whether verification.json is written.")
]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    example = (
        "avss-bench verify submissions/mine --checkpoint best_model.pth "
        "--lip-checkpoint lip.pth.tar --salt 4711"
    )
    app.command("verify", epilog=f"Example: {example}")(verify)


def verify(
    submission: SubmissionArgument,
    run: RunOption = None,
    dataset: OfSetOption = None,
    separator: OwnOption = None,
    card: CardOption = None,
    estimates: EstimatesOption = None,
    pattern: PatternOption = ESTIMATE_PATTERN,
    sample: SampleOption = 50,
    salt: SaltOption = "",
    mark: MarkOption = True,
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
    workers: WorkersOption = 1,
    threads: ThreadsOption = 1,
    device: DeviceOption = "cpu",
    json: JsonOption = False,
) -> None:
    """Run mixtures again that the submission itself draws, and compare every score.

    You bring the system: nothing of a submission is executed or fetched. Its weights, data and
    metrics must be the ones that the submission names.
    """
    from bench.board.submissions import read_submission
    from bench.board.verification.kept import keep_replay
    from bench.board.verification.replay import replay
    from bench.run.files.saved import SavedEstimates

    given = read_submission(submission)
    submitted = _chosen(given, run, dataset)
    files = (checkpoint, lip_checkpoint, face_checkpoint)
    options = SeparatorOptions(
        *files, settings, mouth_input, download, random_weights, seed, device, card
    )
    source: nn.Module | SavedEstimates
    if estimates is not None:
        source = SavedEstimates(estimates, given.name, pattern)
    else:
        source = load(separator or _named(submitted), options)
    material = DataOptions(root, list_file, list_unofficial, download, crops, landmarks, mediapipe)
    data = open_data(submitted.plan.dataset, material)
    checkpoints = [file.sha256 for file in given.content.identity.checkpoints]
    with progress_bar(f"verify {given.name}", shown=not json) as advance:
        found = replay(
            submitted,
            source,
            data,
            sample=sample,
            salt=salt,
            checkpoints=checkpoints,
            workers=workers,
            threads=threads,
            progress=advance,
        )
    if mark:
        keep_replay(given, found)
    _print(found, json=json)


def _print(found: Replay, *, json: bool) -> None:
    from bench.board.verification.report import plain_replay, replay_text

    typer.echo(dumps_pretty(plain_replay(found)).rstrip() if json else replay_text(found))
    if not found.agrees:
        sys.exit(1)


def _chosen(submission: Submission, run: str | None, dataset: str | None) -> Run:
    """Return the one run that is meant."""
    runs = submission.to_runs()
    found = [r for r in runs if run in (None, r.id) and dataset in (None, r.plan.dataset)]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{r.id} on {r.plan.dataset}" for r in runs)
    raise UsageError(
        f"{len(found)} runs of the submission fit, but one is verified at a time; choose with "
        f"--run or --dataset among {known}."
    )


def _named(submitted: Run) -> str:
    """Return the known system that a submission names; a file that it names is never loaded."""
    from bench.separators.registry import list_separators

    name = str(submitted.plan.separator.get("separator"))
    if name not in list_separators():
        raise UsageError(
            "the submission is of no system that is known here; bring it with --separator "
            "FILE.py:FUNCTION or PROGRAM.pt2, or the estimates with --estimates."
        )
    return name
