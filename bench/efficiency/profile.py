"""The profile of a separator: what it costs, how long it takes, how much memory it needs.

A profile is one JSON file, `<device key>/<separator>.json`. Costs hold for every device; latency
and memory hold for the device whose key names the folder, and are absent until they are measured.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from bench.core.files import write_text
from bench.core.jsonio import dumps_pretty, loads
from bench.efficiency.costs import Costs, Share
from bench.efficiency.device import Device
from bench.efficiency.latency import Timing
from bench.efficiency.memory import Memory
from bench.errors import DataError

__all__ = ["Measured", "ParameterCounts", "Profile", "What", "read_profiles", "write_profile"]


# What a latency is of: the separation network for one target, the encoders for both mouths, or
# everything from mixture and mouths to both voices.
What = Literal["target", "mouths", "everything"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ParameterCounts(_Part):
    """Counted parameters; see `bench.efficiency.params.Parameters`."""

    total: int
    separator: int
    lip_encoder: int
    face_encoder: int
    trainable: int | None
    used: int | None


class Measured(_Part):
    """What was measured for one length.

    Attributes:
        seconds: Of the mixture.
        threads: Of the arithmetic on a processor.
        latency: By what was timed.
        memory: Peaks of the whole; None where the process failed.
        without_macs: Share of the time that went into operators without multiply-accumulates.
        slowest_without_macs: The ones among them that took longest.
    """

    seconds: float
    threads: int
    latency: dict[What, Timing]
    memory: Memory | None = None
    without_macs: float = 0.0
    slowest_without_macs: tuple[Share, ...] = ()

    @property
    def real_time_factor(self) -> float:
        """Seconds of work for both voices per second of audio."""
        return self.latency["everything"].median_s / self.seconds


class Profile(_Part):
    """Everything that was counted and measured of one separator on one device.

    Attributes:
        separator: Its id.
        name: As tables call it.
        kind: Of its card.
        settings: That differ from the published ones.
        device: Where latency and memory were measured.
        parameters: Counted on the loaded system; None where it could not be loaded.
        look_ahead_s: Future that an output sample depends on; None = the whole mixture.
        smallest_chunk_s: Least audio that it takes at once; None = the whole mixture.
        costs: By length.
        measured: By length and threads; empty until somebody measures.
        errors: What could not be done, one sentence each.
    """

    schema_version: Literal[1] = 1
    separator: str
    name: str
    kind: str
    settings: dict[str, bool | int | float | str] = {}
    device: Device
    parameters: ParameterCounts | None = None
    look_ahead_s: float | None = None
    smallest_chunk_s: float | None = None
    costs: tuple[Costs, ...] = ()
    measured: tuple[Measured, ...] = ()
    errors: tuple[str, ...] = ()

    def cost(self, seconds: float) -> Costs | None:
        """Return the costs of a length."""
        return next((costs for costs in self.costs if costs.seconds == seconds), None)

    def measurement(self, seconds: float, threads: int) -> Measured | None:
        """Return what was measured of a length with so many threads."""
        wanted = (seconds, threads)
        return next((m for m in self.measured if (m.seconds, m.threads) == wanted), None)


def write_profile(profile: Profile, folder: Path) -> Path:
    """Write a profile below a folder, and keep what its file knows of other lengths and threads.

    Returns:
        The path of its file.
    """
    path = folder / profile.device.key / f"{profile.separator}.json"
    if path.exists():
        profile = _merged(_read(path), profile)
    write_text(path, dumps_pretty(profile.model_dump(mode="json")))
    return path


def _merged(old: Profile, new: Profile) -> Profile:
    """Replace what was counted and measured anew."""
    if old.settings != new.settings:
        return new
    costs = {entry.seconds: entry for entry in (*old.costs, *new.costs)}
    rows = {(row.seconds, row.threads): row for row in (*old.measured, *new.measured)}
    return new.model_copy(
        update={
            "costs": tuple(costs[key] for key in sorted(costs)),
            "measured": tuple(rows[key] for key in sorted(rows)),
        }
    )


def read_profiles(folder: Path) -> list[Profile]:
    """Read all profiles below a folder, device by device, systems in natural order.

    Raises:
        DataError: A file that is not a profile of this version.
    """
    return [_read(path) for path in sorted(folder.glob("*/*.json"), key=_natural)]


def _natural(path: Path) -> tuple[str, list[tuple[int, str]]]:
    pieces = re.findall(r"\d+|\D+", path.stem)
    return path.parent.name, [(int(p), "") if p.isdigit() else (-1, p) for p in pieces]


def _read(path: Path) -> Profile:
    try:
        content = loads(path.read_text(encoding="utf-8"), str(path))
        return Profile.model_validate(content)
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise DataError(
            f"{path} is not a profile that `avss-bench profile` wrote "
            f"({str(error).splitlines()[0]}); remove it and measure again."
        ) from error
