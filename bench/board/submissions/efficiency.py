"""Efficiency blocks: what a submitted system costs, as `avss-bench profile` measured it.

The entries are those of `bench.efficiency.profile.Profile`, which a test holds equal; they stand
here once more because reading a submission needs no PyTorch, and within limits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bench.board.submissions.trimming import plain_text
from bench.run.result import Run

if TYPE_CHECKING:
    from bench.efficiency.profile import Profile

__all__ = ["EfficiencyBlock", "submitted_profiles"]

_WITHHELD = "withheld"

_Line = Annotated[str, StringConstraints(max_length=400)]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=120)]
_Amount = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
_Large = Annotated[int, Field(ge=0, le=2**60)]
_Scalar = bool | Annotated[int, Field(ge=-(2**53), le=2**53)] | float | _Line
_Times = Annotated[tuple[_Amount, ...], Field(min_length=1, max_length=1000)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Macs(_Part):
    separator: _Large
    encoders: _Large


class _Share(_Part):
    name: _Name
    share: Annotated[float, Field(ge=0, le=1)]


class _Costs(_Part):
    seconds: _Amount
    published_target: _Macs | None = None
    published_mixture: _Macs | None = None
    executed_target: _Macs | None = None
    executed_mixture: _Macs
    unknown: Annotated[tuple[_Line, ...], Field(max_length=50)] = ()
    layers: Annotated[tuple[_Share, ...], Field(max_length=10)] = ()


class _Device(_Part):
    kind: Literal["cpu", "cuda"]
    name: _Name
    cores: Annotated[int, Field(ge=1, le=100_000)]
    driver: _Line = ""
    clocks: _Line = ""
    torch: _Line


class _Counts(_Part):
    total: _Large
    separator: _Large
    lip_encoder: _Large
    face_encoder: _Large
    trainable: _Large | None
    used: _Large | None


class _Timing(_Part):
    first_s: _Amount
    warm_up: _Large
    settled: bool
    runs_s: _Times
    cpu_s: _Times
    others: _Amount
    busy: bool
    session: _Line


class _Memory(_Part):
    ram: _Large
    ram_before: _Large
    gpu: _Large | None = None


class _Measured(_Part):
    seconds: _Amount
    threads: Annotated[int, Field(ge=1, le=4096)]
    latency: dict[Literal["target", "mouths", "everything"], _Timing]
    memory: _Memory | None = None
    without_macs: Annotated[float, Field(ge=0, le=1)] = 0.0
    slowest_without_macs: Annotated[tuple[_Share, ...], Field(max_length=10)] = ()


class EfficiencyBlock(_Part):
    """The profile of a system on one device; see `bench.efficiency.profile.Profile`."""

    schema_version: Literal[1] = 1
    separator: _Name
    name: _Name
    kind: _Line
    settings: Annotated[dict[_Name, _Scalar], Field(max_length=100)] = Field(default_factory=dict)
    device: _Device
    parameters: _Counts | None = None
    look_ahead_s: _Amount | None = None
    smallest_chunk_s: _Amount | None = None
    costs: Annotated[tuple[_Costs, ...], Field(max_length=40)] = ()
    measured: Annotated[tuple[_Measured, ...], Field(max_length=40)] = ()
    errors: Annotated[tuple[_Line, ...], Field(max_length=20)] = ()

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
