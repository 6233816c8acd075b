"""`avss-bench table`: print the boards of runs and submissions."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.options import JsonOption
from bench.cli.terminal import complain, table_width
from bench.core.files import write_text
from bench.core.jsonio import dumps_pretty
from bench.errors import UsageError, unknown_name

if TYPE_CHECKING:
    from bench.board.runs.collect import Collection, Unreadable
    from bench.board.runs.leaderboard import Board
    from bench.efficiency.profile import Profile
    from bench.run.result import Run

__all__ = ["register"]

_DEFAULT = Path("results/local")


FoldersArgument = Annotated[
    list[Path] | None,
    typer.Argument(help="Folders of runs or submissions. Default: results/local."),
]
FormatOption = Annotated[str, typer.Option(help="terminal, md, latex, csv, json or html.")]
OutOption = Annotated[Path | None, typer.Option(help="Write to this file instead.")]
ScoresOption = Annotated[
    list[str] | None, typer.Option("--score", help="Score id of a column; repeat it.")
]
AgainstOption = Annotated[
    str | None,
    typer.Option(help="Show differences of scores and ratios of costs to this system."),
]
SortOption = Annotated[
    str, typer.Option(help="rank, system, params, macs, latency, or a score id.")
]
SystemsOption = Annotated[
    list[str] | None,
    typer.Option("--system", help="Show these rows alone; their ranks stay. Repeat it."),
]
DatasetsOption = Annotated[
    list[str] | None, typer.Option("--dataset", help="Boards of these sets. Repeat it.")
]
ProvenancesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--provenance", help="Rank only submitted, verified or reproduced runs. Repeat it."
    ),
]
ProfilesOption = Annotated[
    Path | None,
    typer.Option(help="Profiles to read. Default: FOLDER/profiles, and those that ship."),
]
DeviceOption = Annotated[
    str, typer.Option(help="Show latency on devices whose key has this in it.")
]
PublishedOption = Annotated[
    bool, typer.Option("--published", help="Print the published figures, per test set.")
]
AsPrintedOption = Annotated[
    bool, typer.Option("--as-printed", help="Rank published figures as the papers do.")
]
WorstOption = Annotated[
    int | None, typer.Option(help="Name the N worst targets of every run.", min=1)
]
ByOption = Annotated[str, typer.Option(help="Score that --worst sorts by.")]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    example = "avss-bench table results/local submissions --against ctcnet --format latex"
    app.command("table", epilog=f"Example: {example}")(table)


@dataclass(frozen=True)
class _View:
    """How the boards are arranged and printed."""

    format: str
    scores: list[str] | None
    systems: list[str]
    against: str | None
    sort: str
    device: str
    profiles: Path | None
    to_file: bool

    @property
    def width(self) -> int:
        """Columns that there are for a table."""
        return table_width()

    @property
    def colour(self) -> bool:
        """Whether bold text is shown."""
        return sys.stdout.isatty() and not self.to_file


def table(
    folders: FoldersArgument = None,
    format: FormatOption = "terminal",
    out: OutOption = None,
    scores: ScoresOption = None,
    against: AgainstOption = None,
    sort: SortOption = "rank",
    systems: SystemsOption = None,
    datasets: DatasetsOption = None,
    provenances: ProvenancesOption = None,
    profiles: ProfilesOption = None,
    device: DeviceOption = "",
    published: PublishedOption = False,
    as_printed: AsPrintedOption = False,
    worst: WorstOption = None,
    by: ByOption = "si_snr_i",
    json: JsonOption = False,
) -> None:
    """Rank complete runs and submissions, one board per data set; or print published figures."""
    from bench.board.formats import FORMATS

    format = "json" if json else format
    if format not in FORMATS:
        raise unknown_name("format", format, FORMATS)
    view = _View(
        format, scores, systems or [], against, sort, device, profiles, to_file=out is not None
    )
    if published or as_printed:
        given = {
            "--score": scores,
            "--system": systems,
            "--provenance": provenances,
            "--profiles": profiles,
            "--device": device,
            "--worst": worst,
        }
        _refuse({name for name, value in given.items() if value})
        text, left_out = _published(folders or [], view, datasets or [], strict=not as_printed)
    else:
        places = folders or [_DEFAULT]
        found = _found(places, datasets or [], provenances or [])
        if worst is None:
            text, left_out = _boards(found, places, view)
        else:
            text, left_out = _worst(found, worst, by, view), bool(found.unreadable)
    _put(text, out)
    if left_out:
        raise typer.Exit(1)


def _refuse(given: set[str]) -> None:
    if given:
        raise UsageError(
            f"{', '.join(sorted(given))} was given, but --published has no such choice; leave it "
            "out, or leave out --published."
        )


def _published(
    folders: Sequence[Path], view: _View, datasets: Sequence[str], *, strict: bool
) -> tuple[str, bool]:
    from bench.cli.published_table import published_table

    if len(datasets) > 1:
        raise UsageError("--published prints one --dataset or all of them; several were given.")
    left_out = bool(folders) and bool(_found(folders, [], []).unreadable)
    text = published_table(
        list(folders),
        strict=strict,
        format=view.format,
        list_id=datasets[0] if datasets else None,
        against=view.against,
        sort=None if view.sort == "rank" else view.sort,
        width=view.width,
        colour=view.colour,
    )
    return text, left_out


def _found(
    folders: Sequence[Path], datasets: Sequence[str], provenances: Sequence[str]
) -> Collection:
    from bench.board.runs.arrange import chosen_runs
    from bench.board.runs.collect import collect_runs, disturbed_note

    found = collect_runs(*folders)
    for folder in found.unfinished:
        complain(f"{folder} is unfinished and left out.")
    if found.disturbed:
        complain(disturbed_note(found.disturbed))
    _say(found.unreadable)
    runs = chosen_runs(found.runs, datasets=datasets, provenances=provenances)
    return replace(found, runs=tuple(runs))


def _say(left_out: Sequence[Unreadable]) -> None:
    for entry in left_out:
        complain(f"{entry.folder} is left out: {entry.reason}")


def _boards(found: Collection, folders: Sequence[Path], view: _View) -> tuple[str, bool]:
    """Build boards, arrange them and write them; say whether anything was left out."""
    from bench.board.runs import arrange
    from bench.board.runs.cost_notes import with_cost_notes
    from bench.board.runs.leaderboard import build_boards

    known, unreadable = _profiles(found.runs, folders, view)
    _say(unreadable)
    boards = build_boards(
        found.runs, view.scores, profiles=known, claims=found.claims, device=view.device
    )
    if view.against is not None and boards:
        boards = arrange.against(boards, view.against, known)
    if view.sort != "rank":
        boards = arrange.sorted_by(boards, view.sort)
    if view.systems:
        boards = arrange.only_systems(boards, view.systems)
    out = view.profiles or folders[0] / "profiles"
    text = _text([with_cost_notes(board, out) for board in boards], view)
    return text, bool(found.unreadable or unreadable)


def _profiles(
    runs: Sequence[Run], folders: Sequence[Path], view: _View
) -> tuple[list[Profile], list[Unreadable]]:
    """Read profiles where a run is one of a network; without any, PyTorch need not be loaded."""
    from bench.board.runs.collect import collect_profiles
    from bench.board.runs.system_costs import has_costs

    if view.profiles is None:
        return collect_profiles(folders) if any(map(has_costs, runs)) else ([], [])
    from bench.efficiency.profile import read_profiles

    found = read_profiles(view.profiles)
    if not found:
        raise UsageError(
            f"--profiles {view.profiles} holds no profile; `avss-bench profile --out "
            f"{view.profiles}` writes some."
        )
    return found, []


def _text(boards: Sequence[Board], view: _View) -> str:
    from bench.board import formats

    if view.format == "csv":
        return formats.to_csv(boards)
    if view.format == "json":
        return formats.to_json(boards)
    if view.format == "html":
        return formats.to_html(boards)
    if view.format == "md":
        return "\n".join(map(formats.to_markdown, boards))
    if view.format == "latex":
        return "\n".join(map(formats.to_latex, boards))
    width, colour = view.width, view.colour
    return "\n\n".join(formats.to_terminal(b, width=width, colour=colour) for b in boards)


def _worst(found: Collection, count: int, score: str, view: _View) -> str:
    from bench.board.runs.worst import worst_items, worst_rows, worst_text

    if view.format not in {"terminal", "json"}:
        raise UsageError(f"--worst prints terminal or json, but --format {view.format} was given.")
    items = worst_items(found.runs, count, score)
    for run in found.runs:
        if score not in run.summary.aggregates:
            complain(f"{run.id} has no '{score}' and is left out.")
    if view.format == "json":
        return dumps_pretty(worst_rows(items, score))
    return worst_text(items, score, width=view.width)


def _put(text: str, out: Path | None) -> None:
    if out is None:
        typer.echo(text, nl=bool(text) and not text.endswith("\n"))
    else:
        write_text(out, text if text.endswith("\n") else f"{text}\n")
