"""The page of costs: quality against cost in pictures, and the figures behind them in tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bench.board.costs.figures import Axis as Cost
from bench.board.costs.figures import Point, measured_quality, pareto_front, quality_points
from bench.board.costs.ratios import row_ratio, shown
from bench.board.runs.rows import Board
from bench.board.site.addresses import slug
from bench.board.site.charts import Axis, draw_front
from bench.board.site.models import Cell, Chart, Column, Page, Row, Section, Table
from bench.efficiency.costs import Costs
from bench.efficiency.device import Device
from bench.efficiency.profile import Measured, ParameterCounts, Profile

__all__ = ["PATH", "device_words", "efficiency_page", "latency_table"]

PATH = "efficiency.html"
_ANCHOR = "ctcnet"
_SECONDS = 1.0
_QUALITY = Axis("SI-SNRi on LRS2-2Mix (dB)", "dB SI-SNRi")
_COSTS: dict[Cost, tuple[str, Axis]] = {
    "macs": (
        "Quality against computation",
        Axis("G MAC per second of audio, both targets, lip encoder included", "G MAC/s"),
    ),
    "parameters": (
        "Quality against size",
        Axis("parameters of the separator, lip encoder apart (M)", "M parameters"),
    ),
}


def efficiency_page(
    profiles: Sequence[Profile], boards: Sequence[Board], paths: Mapping[str, str]
) -> Page:
    """Make the page.

    Args:
        profiles: Of any devices.
        boards: Whose ranked rows that were run here take the place of published quality.
        paths: Of the systems' pages, by name.
    """
    lead = (
        "What a system costs beside how well it separates. Multiply-accumulates (MAC) and "
        "parameters hold on every device; latency and memory hold for one device each and are "
        "never mixed. The dotted line joins the systems that no other one beats in both.",
    )
    quality = measured_quality(row.run for board in boards for row in board.rows)
    sections = [_costs(profiles, quality, paths)]
    for key in sorted({p.device.key for p in profiles if p.measured}):
        same = [p for p in profiles if p.device.key == key]
        sections.append(_device(key, same, quality, paths))
    if not any(p.measured and p.device.kind == "cuda" for p in profiles):
        sections.append(
            Section(
                "gpu",
                "GPU",
                (
                    "Nobody has measured on a GPU yet. This command fills the section: avss-bench "
                    "profile --against ctcnet --device cuda --out results/profiles",
                ),
            )
        )
    return Page(PATH, "Efficiency", lead, tuple(sections), PATH)


def _costs(
    profiles: Sequence[Profile], quality: Mapping[str, float], paths: Mapping[str, str]
) -> Section:
    unique = list({p.separator: p for p in reversed(profiles)}.values())[::-1]
    charts = []
    for cost, (title, axis) in _COSTS.items():
        points = quality_points(unique, cost, seconds=_SECONDS, measured=quality)
        charts.append(_chart(points, cost, title, axis))
    return Section(
        "costs",
        "Computation and size",
        charts=tuple(chart for chart in charts if chart),
        tables=(_costs_table(unique, paths),) if unique else (),
        notes=(
            "As published: the graph of the public code with its dead branches, one pass for each "
            "target unless it separates all at once. Here: what this benchmark's own "
            "implementation runs for the same function. ≥: the cost of some operator is unknown.",
        ),
        text=() if unique else ("No profile is at hand; avss-bench profile makes them.",),
    )


def _chart(points: Sequence[Point], id: str, title: str, axis: Axis) -> Chart | None:
    drawn = [point for point in points if point.cost > 0]  # the axis is logarithmic
    if not drawn:
        return None
    summary = _summary(drawn)
    return draw_front(drawn, id=id, title=title, summary=summary, cost=axis, quality=_QUALITY)


def _latency_chart(profiles: Sequence[Profile], quality: Mapping[str, float]) -> Chart | None:
    """Draw the shortest length that was measured without others on the machine."""
    device = profiles[0].device
    threads = ", one thread" if device.kind == "cpu" else ""
    for seconds in sorted({row.seconds for p in profiles for row in p.measured}):
        points = quality_points(profiles, "latency", seconds=seconds, measured=quality)
        words = f"latency for {seconds:g} s, one target, lip encoder apart{threads} (ms)"
        title = f"Quality against latency, {device.name}"
        chart = _chart(points, f"latency-{slug(device.key)}", title, Axis(words, "ms"))
        if chart is not None:
            return chart
    return None


def _summary(points: Sequence[Point]) -> str:
    """Say how to read the picture, and which systems are on the line."""
    front = ", ".join(point.system for point in pareto_front(points))
    measured = sum(point.source == "measured" for point in points)
    if not measured:
        marks = "Rings: quality as published."
    elif measured == len(points):
        marks = "All quality was measured here."
    else:
        marks = "Filled: quality measured here; rings: as published."
    return f"{marks} Not beaten in both: {front}."


def _costs_table(profiles: Sequence[Profile], paths: Mapping[str, str]) -> Table:
    group, size = "G MAC per second of audio", "parameters (M)"
    columns = (
        Column("system", numeric=False),
        Column("as published", group, descending=False, tip="Both targets, lip encoder included."),
        Column("here", group, descending=False, tip="What this benchmark's implementation runs."),
        Column("encoders", group, descending=False, tip="Share of lip and face encoders."),
        Column("separator", size, descending=False),
        Column("encoders", size, descending=False, tip="Lip and face encoders."),
        Column("used", size, descending=False, tip="What inference really uses."),
        Column("look-ahead (s)", "delay", descending=False, tip="Future that is waited for."),
        Column("most costly layers", "", numeric=False),
    )
    rows = tuple(_costs_row(profile, paths) for profile in profiles)
    caption = "Costs of 1 s of audio; those of other lengths are among the downloads."
    return Table("costs-table", caption, columns, rows)


def _costs_row(profile: Profile, paths: Mapping[str, str]) -> Row:
    return Row(
        (
            _system(profile, paths),
            *_macs(profile.cost(_SECONDS)),
            *_sizes(profile.parameters),
            _look_ahead(profile.look_ahead_s),
            Cell(_layers(profile.cost(_SECONDS))),
        )
    )


def _macs(costs: Costs | None) -> tuple[Cell, ...]:
    if costs is None:
        return (Cell(""),) * 3
    return (
        _number(costs.mixture.total, 1e9, least=costs.lower_bound),
        _number(costs.executed_mixture.total, 1e9, least=bool(costs.unknown)),
        _number(costs.mixture.encoders, 1e9),
    )


def _sizes(sizes: ParameterCounts | None) -> tuple[Cell, ...]:
    if sizes is None:
        return (Cell(""),) * 3
    counts = (sizes.separator, sizes.total - sizes.separator, sizes.used)
    return tuple(_number(count, 1e6) for count in counts)


def _look_ahead(seconds: float | None) -> Cell:
    if seconds is None:
        return Cell("all", tip="The whole mixture.")
    return Cell(f"{seconds:g}", seconds)


def _layers(costs: Costs | None) -> str:
    layers = costs.layers if costs else ()
    return "; ".join(f"{layer.name} {layer.share:.0%}" for layer in layers)


def _system(profile: Profile, paths: Mapping[str, str]) -> Cell:
    marks = [f"{name}={value}" for name, value in profile.settings.items()]
    text = f"{profile.name} ({', '.join(marks)})" if marks else profile.name
    again = profile.kind == "re-implementation"
    return Cell(text, href=paths.get(profile.name, ""), below=profile.kind if again else "")


def _number(value: float | None, unit: float, *, least: bool = False) -> Cell:
    if value is None:
        return Cell("")
    return Cell(f"{'≥ ' if least else ''}{value / unit:.2f}", value / unit)


def _device(
    key: str, profiles: Sequence[Profile], quality: Mapping[str, float], paths: Mapping[str, str]
) -> Section:
    words = device_words(profiles[0].device)
    chart = _latency_chart(profiles, quality)
    cells = sorted({(row.threads, row.seconds) for p in profiles for row in p.measured})
    tables = [latency_table(profiles, s, threads, paths) for threads, s in cells]
    anchor = next((p.name for p in profiles if p.separator == _ANCHOR), "CTCNet")
    return Section(
        slug(key),
        f"Latency and memory: {words}",
        charts=(chart,) if chart else (),
        tables=tuple(tables),
        notes=(
            f"Ratios to {anchor} are medians over runs in which the two took turns, with a 95 % "
            "interval; rows that were not measured together have none.",
            "“busy” marks a row that was measured while others used the machine: do not quote it.",
        ),
    )


def device_words(device: Device) -> str:
    """Return a device in words: no host name."""
    cores = f"{device.cores} cores" if device.kind == "cpu" else device.driver
    return ", ".join(filter(None, (device.name, cores, f"torch {device.torch}")))


def latency_table(
    profiles: Sequence[Profile], seconds: float, threads: int, paths: Mapping[str, str]
) -> Table:
    """Make the table of one device, length and number of threads.

    Args:
        profiles: Of one device.
        seconds: Length of the audio.
        threads: Of the arithmetic.
        paths: Of the systems' pages, by name.
    """
    one, both = "one target, lip encoder apart (ms)", "both targets, all included"
    columns = (
        Column("system", numeric=False),
        Column("median", one, descending=False),
        Column("least", one, descending=False),
        Column("IQR", one, descending=False, tip="Range of the middle half of the runs."),
        Column("CPU", one, descending=False, tip="Time of the processor, all threads together."),
        Column("to CTCNet", one, descending=False),
        Column("ms", both, descending=False),
        Column("real time", both, descending=False, tip="Seconds of work per second of audio."),
        Column("memory (MB)", both, descending=False, tip="Peak that the system adds."),
    )
    device = profiles[0].device
    with_threads = f", {threads} thread{'s' if threads > 1 else ''}" if device.kind == "cpu" else ""
    base = next((p for p in profiles if p.separator == _ANCHOR), None)
    other = base.measurement(seconds, threads) if base else None
    rows = [
        _latency_row(profile, row, other, paths)
        for profile in profiles
        if (row := profile.measurement(seconds, threads)) is not None
    ]
    return Table(
        f"{slug(device.key)}-{threads}-{slug(f'{seconds:g}')}",
        f"{device_words(device)}: {seconds:g} s of audio{with_threads}.",
        columns,
        tuple(rows),
    )


def _latency_row(
    profile: Profile, row: Measured, base: Measured | None, paths: Mapping[str, str]
) -> Row:
    timing, everything, memory = shown(row), row.latency["everything"], row.memory
    ratio = row_ratio(row, base) if base else None
    peak = (memory.gpu or memory.taken) / 1e6 if memory else None
    busy = ("busy",) if timing.busy or everything.busy else ()
    cells = (
        _system(profile, paths),
        *(_time(t) for t in (timing.median_s, timing.least_s, timing.range_s, timing.cpu_median_s)),
        Cell(f"{ratio.value:.2f}", ratio.value, f"[{ratio.low:.2f}, {ratio.high:.2f}]")
        if ratio
        else Cell(""),
        _time(everything.median_s),
        Cell(f"{row.real_time_factor:.2f}", row.real_time_factor),
        Cell("" if peak is None else f"{peak:.0f}", peak),
    )
    return Row((replace(cells[0], flags=busy), *cells[1:]), quiet=bool(busy))


def _time(seconds: float) -> Cell:
    return Cell(f"{seconds * 1000:.1f}", seconds * 1000)
