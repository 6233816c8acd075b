"""`avss-bench profile`: what separators cost, how long they take, how much memory they need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from bench.cli.loading import SeparatorOptions, load
from bench.cli.options import DeviceOption, JsonOption, SetOption
from bench.cli.profile_tables import SHOWN, report, show_tables
from bench.cli.progress import progress_bar
from bench.core.files import storage_errors, write_bytes
from bench.core.jsonio import dumps_pretty
from bench.errors import UsageError

if TYPE_CHECKING:
    from bench.board.costs.figures import Axis
    from bench.efficiency.profile import Profile
    from bench.efficiency.profiling import Measurement, Subject

__all__ = ["register"]

_SEVERAL = ("--seconds", "--threads")
_LONGEST_S = 60.0
_LOCAL = Path("results/local/profiles")


class _SeveralValues(TyperCommand):
    """A command whose `--seconds` and `--threads` take several values: `--seconds 1 2`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        spread: list[str] = []
        option = ""
        for arg in args:
            if option and spread[-1] != option and _is_number(arg):
                spread.append(option)
            elif not (option and spread[-1] == option):
                option = arg if arg in _SEVERAL else ""
            spread.append(arg)
        return super().parse_args(ctx, spread)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


SeparatorsArgument = Annotated[
    list[str] | None,
    typer.Argument(help="Ids, FILE.py:FUNCTION, or PROGRAM.pt2; all networks without."),
]
AgainstOption = Annotated[
    str | None, typer.Option(help="Print ratios to this system, and profile it too.")
]
SecondsOption = Annotated[
    list[float] | None, typer.Option(help="Lengths of the mixture. Default: 1 2.")
]
ThreadsOption = Annotated[
    list[int] | None,
    typer.Option(help="Numbers of arithmetic threads. Default: 1 and all physical cores."),
]
CardOption = Annotated[Path | None, typer.Option(help="Card of an exported program.")]
CountsOption = Annotated[bool, typer.Option("--counts", help="Count only: no clock, no memory.")]
LongestOption = Annotated[
    float, typer.Option(help="Seconds after which a system gets no further run.", min=0)
]
OutOption = Annotated[Path, typer.Option(help="Folder of profiles and figures.")]
RunsArgument = Annotated[
    Path | None,
    typer.Option(help="Folder of runs: the figures show their quality instead of print's."),
]
ShowOption = Annotated[
    str | None,
    typer.Option(help=f"Measure nothing; print {', '.join(SHOWN)} from --from."),
]
SourceOption = Annotated[Path | None, typer.Option("--from", help="Profiles that --show reads.")]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    example = "avss-bench profile iianet-fast rtfsnet-6 --against ctcnet --seconds 1 2 --threads 1"
    app.command("profile", cls=_SeveralValues, epilog=f"Example: {example}")(profile)


def profile(
    separators: SeparatorsArgument = None,
    against: AgainstOption = None,
    seconds: SecondsOption = None,
    device: DeviceOption = "cpu",
    threads: ThreadsOption = None,
    settings: SetOption = None,
    card: CardOption = None,
    counts: CountsOption = False,
    longest: LongestOption = _LONGEST_S,
    out: OutOption = _LOCAL,
    runs: RunsArgument = None,
    show: ShowOption = None,
    source: SourceOption = None,
    json: JsonOption = False,
) -> None:
    """Count parameters and MACs, time separators in turns, and compare them to one of them."""
    if show is not None:
        _refuse_beside_show(
            threads=threads,
            set=settings,
            card=card,
            counts=counts,
            runs=runs,
            device=device != "cpu",
            longest=longest != _LONGEST_S,
            out=out != _LOCAL,
        )
        ids = [_id(name) for name in separators or ()]
        shown = show_tables(show, source, ids, against, seconds or (), json=json)
        typer.echo(shown.rstrip("\n"))
        return
    if source is not None:
        raise UsageError("--from was given without --show; say which table of it is to be shown.")
    options = SeparatorOptions(settings=settings, device=device, random_weights=True, card=card)
    subjects = _subjects(separators, against, options)
    quality = _quality(runs)
    measurement = None if counts else _measurement(threads, longest)
    with storage_errors(out):  # before the work rather than after it
        out.mkdir(parents=True, exist_ok=True)
    profiles = _profiled(subjects, seconds or [1.0, 2.0], device, measurement, quiet=json)
    _write(profiles, out, quality)
    if json:
        from bench.board.costs.tables import plain_rows

        typer.echo(dumps_pretty(plain_rows(profiles, against=against)), nl=False)
    else:
        typer.echo(report(profiles, against, measured=not counts))
    if any(entry.errors for entry in profiles):
        raise typer.Exit(1)


def _refuse_beside_show(**given: object) -> None:
    """Refuse options that would be ignored."""
    for name, value in given.items():
        if value:
            raise UsageError(
                f"--{name} was given with --show, which measures nothing; leave one of them out."
            )


def _subjects(
    names: Sequence[str] | None, against: str | None, options: SeparatorOptions
) -> list[Subject]:
    """Return what to profile; a name that is unknown stops everything before it begins."""
    from bench.efficiency.profiling import Subject
    from bench.separators import find_card, list_separators
    from bench.separators.registry import check_device

    check_device(options.device)
    chosen = list(names or [n for n in list_separators() if find_card(n).is_network])
    if against is not None and against not in chosen:
        chosen.append(against)
    subjects = []
    for name in dict.fromkeys(chosen):
        if not _is_own(name):
            find_card(name)
        subjects.append(Subject(_id(name), partial(load, name, options)))
    return subjects


def _is_own(name: str) -> bool:
    return name.endswith(".pt2") or ".py:" in name


def _id(name: str) -> str:
    """Return what a profile calls a system."""
    return Path(name.partition(":")[0]).stem if _is_own(name) else name


def _measurement(threads: Sequence[int] | None, longest: float) -> Measurement:
    from bench.core.environment import physical_cores
    from bench.efficiency.latency import Protocol
    from bench.efficiency.profiling import Measurement

    numbers = list(dict.fromkeys(threads or [1, physical_cores()]))
    for number in numbers:
        if number < 1:
            raise UsageError(f"--threads {number} was given; at least 1 is expected.")
    return Measurement(threads=numbers, protocol=Protocol(longest_s=longest))


def _profiled(
    subjects: Sequence[Subject],
    seconds: Sequence[float],
    device: str,
    measurement: Measurement | None,
    *,
    quiet: bool,
) -> list[Profile]:
    from bench.efficiency.profiling import profile_separators

    with progress_bar("profile", shown=not quiet) as advance:
        return profile_separators(
            subjects, seconds=seconds, device=device, measurement=measurement, progress=advance
        )


def _quality(runs: Path | None) -> dict[str, float]:
    """Return what was measured here, by system; a wrong folder is told before the work begins."""
    if runs is None:
        return {}
    from bench.board.costs.figures import measured_quality
    from bench.board.runs.collect import collect_runs

    return measured_quality(collect_runs(runs).runs)


def _write(profiles: Sequence[Profile], out: Path, quality: Mapping[str, float]) -> None:
    """Write profiles, and figures of all that the folder holds."""
    from bench.board.costs.figures import AXES, draw_pareto, quality_points
    from bench.efficiency.profile import read_profiles, write_profile

    for entry in profiles:
        write_profile(entry, out)
    known = read_profiles(out)
    for key in sorted({entry.device.key for entry in known}):
        same = [entry for entry in known if entry.device.key == key]
        for axis in AXES:
            points = quality_points(same, axis, measured=quality)
            if len(points) > 1:
                device = same[0].device.name if axis == "latency" else ""
                _draw(out / key, axis, partial(draw_pareto, points, axis, device=device))


def _draw(folder: Path, axis: Axis, draw: Any) -> None:
    for format in ("svg", "png"):
        write_bytes(folder / f"quality_{axis}.{format}", draw(format))
