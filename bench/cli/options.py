"""Options that several verbs share, so that they read alike everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "CardOption",
    "CheckpointOption",
    "CropsOption",
    "DatasetOption",
    "DeviceOption",
    "DownloadOption",
    "FaceCheckpointOption",
    "JsonOption",
    "LandmarksOption",
    "LipCheckpointOption",
    "ListOption",
    "MediapipeOption",
    "MetricsOption",
    "MouthInputOption",
    "PatternOption",
    "RandomOption",
    "RootOption",
    "SeedOption",
    "SetOption",
    "ThreadsOption",
    "UnofficialOption",
    "WorkersOption",
]

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
MetricsOption = Annotated[
    list[str] | None,
    typer.Option("--metrics", help="Metric id; repeat it for several. Default: the seven usual."),
]
DatasetOption = Annotated[str, typer.Option(help="Id of the data set.")]
RootOption = Annotated[Path | None, typer.Option(help="Your copy of the corpus.")]
CheckpointOption = Annotated[Path | None, typer.Option(help="The separator's weights.")]
LipCheckpointOption = Annotated[Path | None, typer.Option(help="The lip encoder's weights.")]
FaceCheckpointOption = Annotated[Path | None, typer.Option(help="The face encoder's weights.")]
DownloadOption = Annotated[bool, typer.Option("--download", help="Fetch published weights.")]
RandomOption = Annotated[
    bool, typer.Option("--random-weights", help="Run a network without weights; never ranked.")
]
SeedOption = Annotated[int, typer.Option(help="Of random weights.")]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", help="NAME=VALUE of a hyper-parameter; repeat it.")
]
MouthInputOption = Annotated[str, typer.Option(help="How crops are fed; `list ID` names the ways.")]
ThreadsOption = Annotated[int, typer.Option(help="Arithmetic threads per process.", min=1)]
DeviceOption = Annotated[str, typer.Option(help="cpu or cuda.")]
WorkersOption = Annotated[
    int,
    typer.Option(help="Processes. Does not change the result.", min=1),
]
ListOption = Annotated[
    Path | None, typer.Option("--list", help="Your copy of the authors' mixture list.")
]
UnofficialOption = Annotated[
    bool, typer.Option("--list-unofficial", help="Accept another list; marks every result.")
]
CropsOption = Annotated[Path | None, typer.Option(help="Folder of mouth crops (npz or h5).")]
LandmarksOption = Annotated[
    Path | None, typer.Option(help="Folder of 68-point files to compute mouth crops from.")
]
MediapipeOption = Annotated[
    Path | None,
    typer.Option(
        envvar="AVSS_BENCH_MEDIAPIPE",
        help="Python with MediaPipe, to compute mouth crops; see `prepare --help`.",
    ),
]
CardOption = Annotated[Path | None, typer.Option(help="Card of the exported program.")]
PatternOption = Annotated[
    str, typer.Option(help="Path of an estimate: {mixture} and {speaker} are filled in.")
]
