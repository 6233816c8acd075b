"""Which runs were measured on the same data, and how a board says so.

Runs on copies of a licensed set stand on one board if their data are identical or equivalent (see
`bench.datasets.fingerprint`); runs on different data of one list stand on boards of their own, and
both boards say why.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench.run.data_sameness import compare_data
from bench.run.result import Run

__all__ = ["data_notes", "group_by_data", "stranger_notes"]


def group_by_data(runs: Iterable[Run]) -> list[list[Run]]:
    """Group runs of one list whose data are identical or equivalent to the first of the group."""
    groups: list[list[Run]] = []
    for run in runs:
        for group in groups:
            if compare_data(group[0], run).kind != "different":
                group.append(run)
                break
        else:
            groups.append([run])
    return groups


def data_notes(runs: Sequence[Run]) -> list[str]:
    """Say whether the runs of a board were measured on identical or only equivalent data."""
    first, *others = runs
    if not others or first.plan.data_sha256 is None:
        return []
    if len({run.plan.data_sha256 for run in runs}) == 1:
        return [f"All rows were measured on identical data ({first.plan.data_sha256[:12]})."]
    found = [(run, compare_data(first, run)) for run in others]
    return [
        f"{run.system.name} was measured on data that are {relation.kind} to those of"
        f" {first.system.name}: {'; '.join(relation.reasons)}."
        for run, relation in found
        if relation.kind != "identical"
    ]


def stranger_notes(runs: Sequence[Run], others: Iterable[Sequence[Run]]) -> list[str]:
    """Say why other runs of the same list stand on another board."""
    found = [compare_data(runs[0], other[0]) for other in others]
    return [
        f"Runs on different data of the same set stand on another board: {'; '.join(x.reasons)}."
        for x in found
    ]
