"""What data sets and boards are called on the pages, and in addresses."""

from __future__ import annotations

from collections.abc import Sequence

from bench.board.runs.rows import Board
from bench.board.site.addresses import unique_slugs
from bench.datasets import list_datasets, load_card

__all__ = ["board_ids", "board_name", "is_official", "list_name"]


def is_official(list_id: str) -> bool:
    """Whether a data set is one of this benchmark."""
    return list_id in list_datasets()


def list_name(list_id: str) -> str:
    """Return the name of a data set by its id; lists that are not here have their id alone."""
    return load_card(list_id).name if is_official(list_id) else list_id


def board_name(board: Board) -> str:
    """Return the name of a board's data set, and what tells it from other boards of that set."""
    told = f" ({board.distinction})" if board.distinction else ""
    return f"{list_name(board.dataset)}{told}"


def board_ids(boards: Sequence[Board]) -> list[str]:
    """Return an anchor for every board: several may be of one data set."""
    sets = [board.dataset for board in boards]
    slugs = unique_slugs(sets)
    numbers = [sets[:place].count(name) + 1 for place, name in enumerate(sets)]
    return [
        slugs[name] if number == 1 else f"{slugs[name]}--{number}"
        for name, number in zip(sets, numbers, strict=True)
    ]
