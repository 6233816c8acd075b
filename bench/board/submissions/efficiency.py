"""Efficiency blocks: what a submitted system costs, as `avss-bench profile` measured it.

The entries are those of `bench.efficiency.profile.Profile`, which a test holds equal; they stand
here once more because reading a submission needs no PyTorch, and within limits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from bench.board.submissions.fields import Amount, Large, Line, Name, Part, Scalar, Share
from bench.board.submissions.trimming import plain_text
from bench.run.result import Run

if TYPE_CHECKING:
    from bench.efficiency.profile import Profile

__all__ = ["EfficiencyBlock", "submitted_profiles"]

_WITHHELD = "withheld"

_Times = Annotated[tuple[Amount, ...], Field(min_length=1, max_length=1000)]


class _Macs(Part):
    separator: Large
    encoders: Large


class _Share(Part):
    name: Name
    share: Share


class _Costs(Part):
    seconds: Amount
    published_target: _Macs | None = None
    published_mixture: _Macs | None = None
    executed_target: _Macs | None = None
    executed_mixture: _Macs
    unknown: Annotated[tuple[Line, ...], Field(max_length=50)] = ()
    layers: Annotated[tuple[_Share, ...], Field(max_length=10)] = ()


class _Device(Part):
    kind: Literal["cpu", "cuda"]
    name: Name
    cores: Annotated[int, Field(ge=1, le=100_000)]
    driver: Line = ""
    clocks: Line = ""
    torch: Line


class _Counts(Part):
    total: Large
    separator: Large
    lip_encoder: Large
    face_encoder: Large
    trainable: Large | None
    used: Large | None


class _Timing(Part):
    first_s: Amount
    warm_up: Large
    settled: bool
    runs_s: _Times
    cpu_s: _Times
    others: Amount
    busy: bool
    session: Line


class _Memory(Part):
    ram: Large
    ram_before: Large
    gpu: Large | None = None


class _Measured(Part):
    seconds: Amount
    threads: Annotated[int, Field(ge=1, le=4096)]
    latency: dict[Literal["target", "mouths", "everything"], _Timing]
    memory: _Memory | None = None
    without_macs: Share = 0.0
    slowest_without_macs: Annotated[tuple[_Share, ...], Field(max_length=10)] = ()


class EfficiencyBlock(Part):
    """The profile of a system on one device; see `bench.efficiency.profile.Profile`."""

    schema_version: Literal[1] = 1
    separator: Name
    name: Name
    kind: Line
    settings: Annotated[dict[Name, Scalar], Field(max_length=100)] = Field(default_factory=dict)
    device: _Device
    parameters: _Counts | None = None
    look_ahead_s: Amount | None = None
    smallest_chunk_s: Amount | None = None
    costs: Annotated[tuple[_Costs, ...], Field(max_length=40)] = ()
    measured: Annotated[tuple[_Measured, ...], Field(max_length=40)] = ()
    errors: Annotated[tuple[Line, ...], Field(max_length=20)] = ()

    def to_profile(self) -> Profile:
        """Return it as the efficiency board takes it; loads PyTorch."""
        from bench.efficiency.profile import Profile

        return Profile.model_validate(self.model_dump())


def submitted_profiles(
    runs: Sequence[Run], profiles: Sequence[Profile], name: str, *, anonymous: bool
) -> list[dict[str, Any]]:
    """Choose the profiles of the runs' system, with equal settings, as JSON can hold them.

    Of an anonymous submission the counts leave, not the times: they would name the machine.
    """
    identities = [run.plan.separator for run in runs]
    wanted = [(entry["separator"], entry.get("settings") or {}) for entry in identities]
    found = [p for p in profiles if (p.separator, p.settings) in wanted]
    return [
        (_blinded if anonymous else _named)(profile, name).model_dump(mode="json")
        for profile in found
    ]


def _named(profile: Profile, name: str) -> Profile:
    errors = tuple(plain_text(error) for error in profile.errors)
    return profile.model_copy(update={"name": name, "errors": errors})


def _blinded(profile: Profile, name: str) -> Profile:
    hidden = {"name": _WITHHELD, "cores": 1, "driver": "", "clocks": ""}
    update = {
        "separator": name,
        "name": name,
        "kind": "own",
        "settings": {},
        "device": profile.device.model_copy(update=hidden),
        "costs": tuple(cost.model_copy(update={"layers": ()}) for cost in profile.costs),
        "measured": (),
        "errors": (),
    }
    return profile.model_copy(update=update)
