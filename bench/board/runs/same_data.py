"""Which runs were measured on the same data, and how a board says so.

Runs on copies of a licensed set stand on one board if their data are identical or equivalent (see
`bench.datasets.fingerprint`); runs on different data of one list stand on boards of their own, and
both boards say why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bench.run.data_sameness import compare_data
from bench.run.result import Run

__all__ = [
    "data_notes",
    "distinctions",
    "group_by_data",
    "group_by_definitions",
    "stranger_notes",
]


def group_by_definitions(runs: Iterable[Run]) -> list[list[Run]]:
    """Group runs on one list whose shared metrics are of one version each, whatever they lack.

    Returns:
        Groups in the order of their data sets and lists; within one, runs in the order given.
    """
    given = list(runs)
    groups: list[_Group] = []
    # Those that say most of their definitions come first, for the others to join.
    for number in sorted(range(len(given)), key=lambda k: -len(given[k].plan.metrics)):
        plan = given[number].plan
        place = plan.dataset, plan.list_sha256
        group = next((g for g in groups if g.place == place and g.agrees(plan.metrics)), None)
        if group is None:
            group = _Group(place)
            groups.append(group)
        group.versions.update(plan.metrics)
        group.members.append(number)
    groups.sort(key=lambda group: (group.place, sorted(group.versions.items())))
    return [[given[number] for number in sorted(group.members)] for group in groups]


@dataclass
class _Group:
    """Runs on one list: the versions of their metrics, and their numbers."""

    place: tuple[str, str]
    versions: dict[str, str] = field(default_factory=dict)
    members: list[int] = field(default_factory=list)

    def agrees(self, metrics: Mapping[str, str]) -> bool:
        return all(self.versions.get(name, known) == known for name, known in metrics.items())


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


def distinctions(groups: Sequence[Sequence[Run]]) -> list[str]:
    """Say in a few words what tells each group from the others on its data set.

    Returns:
        One text per group; empty where the group is the only one on its set.
    """
    return [
        _distinction(group[0], [g[0] for g in groups if g[0].plan.dataset == group[0].plan.dataset])
        for group in groups
    ]


def _distinction(run: Run, all_of_set: Sequence[Run]) -> str:
    if len(all_of_set) == 1:
        return ""
    place = next(n for n, other in enumerate(all_of_set, 1) if other is run)
    told = [f"board {place} of {len(all_of_set)}"]
    if len({other.plan.list_sha256 for other in all_of_set}) > 1:
        told.append(f"mixture list {run.plan.list_sha256[:12]}")
    told += _metrics_told(run, all_of_set)
    if len({other.plan.data_sha256 for other in all_of_set}) > 1:
        told.append(f"data {(run.plan.data_sha256 or 'without fingerprint')[:12]}")
    return "; ".join(told)


def _metrics_told(run: Run, all_of_set: Sequence[Run]) -> list[str]:
    """Say which metrics, or versions of them, only some of the boards have."""
    own = run.plan.metrics
    every = {name for other in all_of_set for name in other.plan.metrics}
    names = [n for n in sorted(every) if len({o.plan.metrics.get(n) for o in all_of_set}) > 1]
    present = [f"{name} version {own[name]}" for name in names if name in own]
    absent = [name for name in names if name not in own]
    told = [f"with {', '.join(present)}"] if present else []
    return told + ([f"without {', '.join(absent)}"] if absent else [])
