"""The first page: one section per data set, all printed figures beside all that was scored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bench.board.formats.texts import score_text, score_title
from bench.board.rows import Board, ScoreCell, higher_is_better
from bench.board.rows import Row as BoardRow
from bench.board.site.definitions import PATH as DEFINITIONS
from bench.board.site.definitions import metric_address
from bench.board.site.models import Cell, Column, Page, Row, Section, Table
from bench.board.sota.sources import GRADE_SIGNS
from bench.board.sota.tables import SotaCell, SotaColumn, SotaRow, SotaTable
from bench.board.system_costs import DeviceColumn, SystemCosts
from bench.core.provenance import MEANINGS
from bench.datasets import list_datasets, load_card

__all__ = [
    "PATH",
    "board_ids",
    "board_name",
    "board_page",
    "figure_anchor",
    "list_name",
    "scored_table",
]

PATH = "index.html"
_LEAD = (
    "Audio-visual speech separation: every published number with its source, beside what was "
    "measured. Ranked is only what was computed by one definition on one list of mixtures.",
)
_MAIN_COSTS = ("Params", "MACs")
_MORE_COSTS = "more costs, as printed"
_FROM = Column("from", numeric=False, href=f"{DEFINITIONS}#provenance")
_EMPTY = (
    "Nothing has been scored here yet, so that all figures below are quoted from papers. To add a "
    "row of your own, run a system (avss-bench run ctcnet --checkpoint FILE --out results/local) "
    "or take in a submission (submissions/<system>/), then make this site again: avss-bench site "
    "results/local submissions --out site"
)


def board_page(
    published: Sequence[SotaTable], boards: Sequence[Board], paths: Mapping[str, str]
) -> Page:
    """Make the page.

    Args:
        published: Tables of printed figures, the project's own data sets first.
        boards: Of runs and submissions.
        paths: Of the systems' pages, by name.
    """
    lists = [table.list_id for table in published]
    named = list(zip(board_ids(boards), boards, strict=True))
    own = [_scored_alone(id, board, paths) for id, board in named if board.dataset not in lists]
    printed = [
        _section(table, [pair for pair in named if pair[1].dataset == table.list_id], paths)
        for table in published
    ]
    first = sum(table.list_id.endswith("-2mix") for table in published)
    sections = (*printed[:first], *own, *printed[first:])
    return Page(PATH, "The board", _LEAD if boards else (*_LEAD, _EMPTY), sections, PATH)


def _official(board: Board) -> bool:
    return board.dataset in list_datasets()


def _scored_alone(id: str, board: Board, paths: Mapping[str, str]) -> Section:
    """Make the section of a set that nobody has published figures on."""
    about = load_card(board.dataset).summary if _official(board) else ""
    return Section(
        id,
        board_name(board),
        (about,) if about else (),
        tables=(scored_table(board, id, paths),),
        notes=_scored_notes(board),
    )


def _section(
    table: SotaTable, boards: Sequence[tuple[str, Board]], paths: Mapping[str, str]
) -> Section:
    scored = [scored_table(board, id, paths) for id, board in boards]
    return Section(
        table.list_id,
        list_name(table.list_id),
        tuple(filter(None, (f"{table.title}." if table.title else "", table.notes[0]))),
        tables=(_printed_table(table, paths), *scored),
        notes_title="Signs, contradictions, notes",
        notes=(*_printed_notes(table), *(n for _, board in boards for n in _scored_notes(board))),
    )


def list_name(list_id: str) -> str:
    """Return the name of a data set by its id; lists that are not here have their id alone."""
    return load_card(list_id).name if list_id in list_datasets() else list_id


def board_name(board: Board) -> str:
    """Return the name of a board's data set, and what tells it from other boards of that set."""
    told = f" ({board.distinction})" if board.distinction else ""
    return f"{list_name(board.dataset)}{told}"


# Printed figures


def _printed_table(table: SotaTable, paths: Mapping[str, str]) -> Table:
    shown = [row for row in table.rows if row.cells]
    groups = ["quality", "cost, as printed", _MORE_COSTS]
    order = sorted(table.columns, key=lambda column: groups.index(_group(column)))
    columns = (
        Column("#", descending=False, tip="Rank among figures of one definition."),
        Column("system", numeric=False),
        *map(_printed_column, order),
        Column("year"),
        _FROM,
    )
    rows = tuple(_printed_row(row, order, table.list_id, paths) for row in shown)
    caption = "Figures as printed, and what was measured here; brackets hold other printed values."
    return Table(
        f"{table.list_id}-printed",
        caption,
        columns,
        rows,
        header=1,
        filters=("from", "rank"),
        folded=(_MORE_COSTS,),
    )


def _group(column: SotaColumn) -> str:
    if not column.cost:
        return "quality"
    return "cost, as printed" if column.id in _MAIN_COSTS else _MORE_COSTS


def _printed_column(column: SotaColumn) -> Column:
    group = _group(column)
    tip = "The ranks come from this column." if column.ranked else ""
    return Column(column.title, group, descending=column.higher_is_better, tip=tip)


def _printed_row(
    row: SotaRow, columns: Sequence[SotaColumn], list_id: str, paths: Mapping[str, str]
) -> Row:
    path = paths.get(row.system, "")
    cells = (
        Cell(row.rank, float(row.rank) if row.rank else None),
        Cell(row.label, href=path, below="" if row.rank else row.reason, mark=row.provenance),
        *(
            _printed_cell(cell, _place(path, row, column, list_id))
            if (cell := row.cells.get(column.id))
            else Cell("")
            for column in columns
        ),
        Cell(str(row.year or ""), row.year),
        Cell(row.provenance),
    )
    facets = {"from": row.provenance, "rank": "ranked" if row.rank else "not ranked"}
    return Row(cells, facets, quiet=not row.rank)


def _place(path: str, row: SotaRow, column: SotaColumn, list_id: str) -> str:
    """Return where the page of a system tells more of a figure."""
    if not path:
        return ""
    anchor = "scored" if row.run else figure_anchor("" if column.cost else list_id, column.id)
    return f"{path}#{anchor}"


def figure_anchor(list_id: str, metric: str) -> str:
    """Return the anchor of a printed quantity on its system's page."""
    return f"{list_id}-{metric}" if list_id else metric


def _printed_cell(cell: SotaCell, href: str) -> Cell:
    value, _, others = cell.text.partition(" ")
    said = [f"{cell.meaning[:1].upper()}{cell.meaning[1:]}.", f"From: {cell.source}."]
    said += [f"But {other.text} in {other.source}." for other in cell.conflicts]
    if cell.to_published is not None:
        said.append(f"{cell.to_published:+.2f} to the published figure.")
    return Cell(
        value,
        cell.value,
        others,
        href,
        "\n".join(said),
        cell.place,
        signs=_signs(cell),
    )


def _signs(cell: SotaCell) -> str:
    """Return definition or condition, number of the note, grade of the source."""
    grade = GRADE_SIGNS[cell.grade] if cell.grade else ""
    return f"{cell.definition}{cell.footnote or ''}{grade}"


def _printed_notes(table: SotaTable) -> Iterable[str]:
    absent = [row.system for row in table.rows if not row.cells]
    if absent:
        yield f"No figure on this list is known of {', '.join(absent)}."
    yield from (f"{mark.sign}: {mark.meaning}." for mark in table.marks)
    yield from (f"({number}) {note}" for number, note in enumerate(table.footnotes, 1))


# Runs and submissions


def board_ids(boards: Sequence[Board]) -> list[str]:
    """Return an anchor for every board: several may be of one data set."""
    sets = [board.dataset for board in boards]
    numbers = [sets[:place].count(name) + 1 for place, name in enumerate(sets)]
    return [
        name if number == 1 else f"{name}-{number}"
        for name, number in zip(sets, numbers, strict=True)
    ]


def scored_table(board: Board, id: str, paths: Mapping[str, str]) -> Table:
    """Make the table of what was scored on a set, with intervals.

    Args:
        board: Its rows, best first.
        id: Of the board, as `board_ids` gives it.
        paths: Of the systems' pages, by name.
    """
    devices = [device for device in board.devices if device.key]
    shown = devices if any(row.costs for row in board.rows) else None
    columns = (
        Column("#", descending=False, tip="Best and worst rank that the data allow."),
        Column("system", numeric=False),
        *(
            Column(
                score_title(score),
                "quality",
                descending=higher_is_better(score),
                href=metric_address(score),
            )
            for score in board.scores
        ),
        Column("scored", "quality", tip="Targets that have every score shown."),
        *(() if shown is None else _COST_COLUMNS),
        *(column for device in shown or () for column in _device_columns(device)),
        _FROM,
    )
    rows = tuple(_scored_row(row, board, shown, paths) for row in board.rows)
    return Table(
        f"{id}-scored",
        f"Scored by this benchmark on {board_name(board)}; 95 % intervals over test items.",
        columns,
        rows,
        header=1,
        filters=("from", "rank", "kind"),
    )


_COST_COLUMNS = (
    Column("par. (M)", "cost", descending=False, tip="All parameters that inference needs."),
    Column("G MAC/s", "cost", descending=False, tip="Per second of audio, both voices, encoders."),
)


def _device_columns(device: DeviceColumn) -> tuple[Column, ...]:
    said = f"{device.description}; one target of 1 s, one thread."
    return (
        Column("ms", device.label, descending=False, tip=said),
        Column("real time", device.label, descending=False, tip="Seconds of work per second."),
        Column("MB", device.label, descending=False, tip="Peak memory that the system adds."),
    )


def _scored_row(
    row: BoardRow,
    board: Board,
    devices: Sequence[DeviceColumn] | None,
    paths: Mapping[str, str],
) -> Row:
    run, path = row.run, paths.get(row.run.system.name, "")
    low = row.ranks[0] if row.ranks else None
    scored = min((cell.scored for cell in row.cells.values()), default=0)
    cells = (
        Cell(row.rank, None if low is None else float(low)),
        Cell(row.label, href=path, below=row.reason, mark=run.provenance),
        *(_score_cell(row.cells[score], score) for score in board.scores),
        Cell(f"{scored}/{run.expected}", scored / run.expected if run.expected else None),
        *(() if devices is None else _cost_cells(row.costs or SystemCosts(), devices)),
        Cell(run.provenance, tip=f"{MEANINGS[run.provenance]}."),
    )
    facets = {
        "from": run.provenance,
        "rank": "ranked" if row.rank else "not ranked",
        "kind": run.plan.kind,
    }
    return Row(cells, facets, quiet=not row.rank)


def _score_cell(cell: ScoreCell, score: str) -> Cell:
    interval = cell.interval
    if interval is None:
        return Cell("", tip="No target has this score.")
    known = interval.known
    bounds = (score_text(interval.low, score), score_text(interval.high, score))
    return Cell(
        score_text(interval.mean, score),
        interval.mean,
        f"[{bounds[0]}, {bounds[1]}]" if known else "",
        place=cell.place,
    )


def _cost_cells(costs: SystemCosts, devices: Sequence[DeviceColumn]) -> Iterable[Cell]:
    parameters = None if costs.parameters is None else costs.parameters / 1e6
    macs = None if costs.macs is None else costs.macs / 1e9
    yield Cell("" if parameters is None else f"{parameters:.2f}", parameters)
    least = "≥ " if costs.lower_bound else ""
    yield Cell("" if macs is None else f"{least}{macs:.2f}", macs)
    for device in devices:
        cost = costs.on.get(device.key)
        if cost is None:
            yield from (Cell(""), Cell(""), Cell(""))
            continue
        busy = ("busy",) if cost.busy else ()
        yield Cell(f"{cost.latency_s * 1000:.1f}", cost.latency_s * 1000, flags=busy)
        yield Cell(f"{cost.real_time_factor:.2f}", cost.real_time_factor)
        memory = None if cost.memory_bytes is None else cost.memory_bytes / 1e6
        yield Cell("" if memory is None else f"{memory:.0f}", memory)


def _scored_notes(board: Board) -> tuple[str, ...]:
    return (*board.notes, *board.cost_notes, *board.hints)
