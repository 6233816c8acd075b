"""What `avss-bench profile` prints: of systems profiled just now, or of profiles in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench.core.jsonio import dumps_pretty
from bench.errors import DataError, UsageError, unknown_name

if TYPE_CHECKING:
    from bench.efficiency.profile import Profile

__all__ = ["SHOWN", "report", "show_tables"]

SHOWN = ("costs", "layers", "latency", "claims", "published")
_CLAIMED = "ctcnet"  # whom the claims are about, beside the system that makes them


def report(profiles: Sequence[Profile], against: str | None, *, measured: bool) -> str:
    """Return the tables of what was profiled just now.

    Args:
        profiles: Of one call.
        against: System that ratios are to.
        measured: Whether there are latencies beside the counts.
    """
    from bench.board.costs import latency, tables
    from bench.board.costs.claims import check_claims, claims_table

    lengths = sorted({costs.seconds for entry in profiles for costs in entry.costs})
    parts = [tables.costs_table(profiles, seconds=length, against=against) for length in lengths]
    if lengths:
        parts.append(tables.layers_table(profiles, seconds=lengths[0]))
    counted = [entry for entry in profiles if entry.costs]
    if measured and counted:
        parts += latency.latency_tables(counted, against=against)
    if against == _CLAIMED:
        known = [entry.separator for entry in profiles if entry.kind != "own"]
        verdicts = check_claims(profiles, among=known, times=measured)
        parts.append(claims_table(verdicts) if verdicts else "")
    parts += tables.failures(profiles)
    return "\n\n".join(filter(None, parts))


def show_tables(
    what: str,
    source: Path | None,
    names: Sequence[str],
    against: str | None,
    seconds: Sequence[float],
    *,
    json: bool,
) -> str:
    """Return a table of committed profiles, or of formulas alone.

    Args:
        what: One of `SHOWN`.
        source: Folder of profiles; the committed ones without.
        names: Systems to show; all without.
        against: System that ratios are to; CTCNet without, if it is shown.
        seconds: Lengths to show.
        json: Whether a machine reads it.

    Raises:
        UsageError: A table or system that is unknown, or what does not apply to the table.
        DataError: There is nothing to show.
    """
    if what not in SHOWN:
        raise unknown_name("table", what, SHOWN)
    if what in ("claims", "published") and (against is not None or seconds):
        option = "--against" if against is not None else "--seconds"
        raise UsageError(
            f"{option} was given with --show {what}, whose figures have systems and lengths of "
            "their own; leave it out."
        )
    if what == "published" and source is not None:
        raise UsageError("--from was given with --show published, which reads no profiles.")
    if what == "published":
        return _published(names, json=json)
    if what == "claims":
        return _claims(source, names, json=json)
    profiles = _chosen(_read(source), list(names), against)
    if json:
        from bench.board.costs.tables import plain_rows

        chosen = [_of_lengths(entry, seconds) for entry in profiles] if seconds else profiles
        return dumps_pretty(plain_rows(chosen, against=_anchor(profiles, against)))
    return _drawn(what, profiles, _anchor(profiles, against), list(dict.fromkeys(seconds)))


def _published(names: Sequence[str], *, json: bool) -> str:
    from bench.board.costs.published import explained_figures, published_table
    from bench.efficiency.as_published import READINGS

    cards = [reading.card for reading in READINGS]
    for name in names:
        if name not in cards:
            raise unknown_name("system with published figures of size", name, dict.fromkeys(cards))
    explained = explained_figures([r for r in READINGS if not names or r.card in names])
    if not json:
        return published_table(explained)
    return dumps_pretty(
        [
            {**vars(e.reading), "counted": e.value, "difference": e.difference, "source": e.source}
            for e in explained
        ]
    )


def _claims(source: Path | None, names: Sequence[str], *, json: bool) -> str:
    """Check all claims, or those of the named systems, on the profiles of a folder."""
    from bench.board.costs.claims import check_claims, claims_table

    verdicts = check_claims(_profiles(source)[1], among=[*names, _CLAIMED] if names else None)
    if not verdicts:
        raise UsageError(
            f"no claim is known of {', '.join(names)}; leave the names out to see all claims."
        )
    return dumps_pretty(list(map(vars, verdicts))) if json else claims_table(verdicts)


def _profiles(source: Path | None) -> tuple[Path, list[Profile]]:
    from bench.core.resources import shipped
    from bench.efficiency.profile import read_profiles

    folder = source or shipped("results/profiles")
    return folder, read_profiles(folder)


def _read(source: Path | None) -> list[Profile]:
    folder, profiles = _profiles(source)
    if not profiles:
        raise DataError(f"{folder} holds no profile; `avss-bench profile --out {folder}` fills it.")
    return profiles


def _chosen(profiles: list[Profile], names: list[str], against: str | None) -> list[Profile]:
    """Keep the named systems, and the one that ratios are to; all if none is named."""
    known = dict.fromkeys(entry.separator for entry in profiles)
    wanted = [*names, *([against] if against is not None else [])]
    for name in wanted:
        if name not in known:
            raise unknown_name("profile", name, known)
    return [entry for entry in profiles if not names or entry.separator in wanted]


def _anchor(profiles: Sequence[Profile], against: str | None) -> str | None:
    if against is not None:
        return against
    return _CLAIMED if any(entry.separator == _CLAIMED for entry in profiles) else None


def _of_lengths(entry: Profile, seconds: Sequence[float]) -> Profile:
    return entry.model_copy(
        update={
            "costs": tuple(costs for costs in entry.costs if costs.seconds in seconds),
            "measured": tuple(row for row in entry.measured if row.seconds in seconds),
        }
    )


def _drawn(
    what: str, profiles: Sequence[Profile], anchor: str | None, seconds: Sequence[float]
) -> str:
    from bench.board.costs import latency, tables

    if what == "latency":
        return "\n\n".join(latency.latency_tables(profiles, against=anchor, seconds=seconds))
    parts = []
    for length in seconds or [1.0]:
        if not any(entry.cost(length) for entry in profiles):
            raise DataError(
                f"no profile that is shown holds costs of {length:g} s; "
                f"`avss-bench profile --counts --seconds {length:g}` counts them."
            )
        if what == "costs":
            parts.append(tables.costs_table(profiles, seconds=length, against=anchor))
        else:
            parts.append(tables.layers_table(profiles, seconds=length))
    return "\n\n".join(filter(None, [*parts, *(tables.failures(profiles) * (what == "costs"))]))
