"""Profiling separators: count each, then let them take turns before the clock."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from bench.efficiency.costs import Share, count_costs, takes_all
from bench.efficiency.device import Device, describe_device, fixed_arithmetic
from bench.efficiency.inputs import caller, make_inputs
from bench.efficiency.latency import Protocol, Timing, cpu_clock, cuda_clock, time_in_turns
from bench.efficiency.macs import MacCount
from bench.efficiency.memory import measure_memory
from bench.efficiency.params import count_parameters
from bench.efficiency.profile import Measured, ParameterCounts, Profile, What
from bench.errors import BenchError
from bench.separators.base import Separator
from bench.separators.card import Card

__all__ = ["Measurement", "Subject", "profile_separators"]

_SLOWEST = 5


@dataclass(frozen=True)
class Subject:
    """A separator to profile.

    Attributes:
        id: What files and tables call it.
        load: Makes it on its device; must be picklable, for its memory is measured in a process
            of its own.
    """

    id: str
    load: Callable[[], nn.Module]


@dataclass(frozen=True)
class Measurement:
    """What to measure beside the counts.

    Attributes:
        threads: Of the arithmetic on a processor; the first is the row of record.
        protocol: Of the latency.
        memory: Whether peaks of memory are measured too.
    """

    threads: Sequence[int] = (1,)
    protocol: Protocol = field(default_factory=Protocol)
    memory: bool = True


@dataclass
class _Work:
    """A separator while it is profiled."""

    subject: Subject
    profile: Profile
    separator: nn.Module | None = None
    counts: dict[float, MacCount] = field(default_factory=dict)

    def fail(self, sentence: str) -> None:
        self.change(errors=(*self.profile.errors, sentence))

    def change(self, **fields: Any) -> None:
        self.profile = self.profile.model_copy(update=fields)


def _sentence(error: BaseException) -> str:
    lines = str(error).strip().splitlines() or ["no message"]
    return lines[0] if isinstance(error, BenchError) else f"{type(error).__name__}: {lines[0]}"


def profile_separators(
    subjects: Sequence[Subject],
    *,
    seconds: Sequence[float] = (1.0, 2.0),
    device: str = "cpu",
    measurement: Measurement | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Profile]:
    """Profile separators, all of them though some may fail.

    Args:
        subjects: What to profile; those that are measured take turns.
        seconds: Lengths of the mixture.
        device: "cpu" or "cuda[:N]".
        measurement: What to measure; counts alone without it.
        progress: Called with (done, in all).
    """
    described = describe_device(device)
    threads = measurement.threads if measurement else ()
    rounds = [(t, s) for t in (threads if device == "cpu" else threads[:1]) for s in seconds]
    advance = progress or (lambda done, total: None)
    total = len(subjects) + len(rounds)
    works = []
    for done, subject in enumerate(subjects, 1):
        works.append(_counted(subject, seconds, described))
        advance(done, total)
    for done, (number, length) in enumerate(rounds, len(subjects) + 1):
        assert measurement is not None
        _measure([w for w in works if length in w.counts], length, number, device, measurement)
        advance(done, total)
    return [work.profile for work in works]


def _counted(subject: Subject, seconds: Sequence[float], device: Device) -> _Work:
    """Load a separator and count what it costs; a failure is a sentence in the profile."""
    work = _Work(subject, Profile(separator=subject.id, name=subject.id, kind="own", device=device))
    try:
        separator = subject.load()
    except Exception as error:
        work.fail(_sentence(error))
        return work
    card: Card | None = getattr(separator, "card", None)
    if card is not None:
        _describe(work, separator, card)
    failed: dict[str, list[str]] = {}
    for length in seconds:
        try:
            with fixed_arithmetic(1):  # as the row of record, for the shares of time
                costs, work.counts[length] = count_costs(separator, length)
        except Exception as error:  # a network of the user's may raise anything
            failed.setdefault(_sentence(error), []).append(f"{length:g} s")
            continue
        work.change(costs=(*work.profile.costs, costs))
    for sentence, lengths in failed.items():
        work.fail(f"{', '.join(lengths)}: {sentence}")
    used = next((count.used for count in work.counts.values()), None)
    counted = count_parameters(separator, card, used)
    work.change(parameters=ParameterCounts.model_validate(vars(counted)))
    work.separator = separator
    return work


def _describe(work: _Work, separator: nn.Module, card: Card) -> None:
    identity = getattr(separator, "identity", None)
    work.change(
        name=card.name,
        kind=card.kind,
        settings=dict(identity.settings) if identity else {},
        look_ahead_s=card.look_ahead_s,
        smallest_chunk_s=card.smallest_chunk_s,
    )


def _measure(
    works: Sequence[_Work], seconds: float, threads: int, device: str, measurement: Measurement
) -> None:
    """Time separators in turns, one kind of latency after the other, then their memory."""
    latency = _latencies(works, seconds, threads, device, measurement.protocol)
    for work in works:
        if "everything" not in latency[work.subject.id]:
            continue
        count = work.counts[seconds]
        row = Measured(
            seconds=seconds,
            threads=threads,
            latency=latency[work.subject.id],
            without_macs=count.uncounted_time_share,
            slowest_without_macs=tuple(
                Share(name=name, share=share) for name, share in count.slowest_uncounted(_SLOWEST)
            ),
        )
        if measurement.memory:
            try:
                memory = measure_memory(work.subject.load, seconds, device=device, threads=threads)
                row = row.model_copy(update={"memory": memory})
            except BenchError as error:
                work.fail(_sentence(error))
        work.change(measured=(*work.profile.measured, row))


def _latencies(
    works: Sequence[_Work], seconds: float, threads: int, device: str, protocol: Protocol
) -> dict[str, dict[What, Timing]]:
    clock = cpu_clock if device == "cpu" else cuda_clock
    session = os.urandom(6).hex()
    rows: dict[str, dict[What, Timing]] = {work.subject.id: {} for work in works}
    named = {work.subject.id: work for work in works}

    def failed(name: str, error: Exception) -> None:
        named[name].fail(f"{seconds:g} s with {threads} threads: {_sentence(error)}")

    whats: tuple[What, ...] = ("target", "mouths", "everything")
    with fixed_arithmetic(threads), torch.inference_mode():
        for what in whats:
            calls = {}
            for name, work in named.items():
                call = _call(work.separator, seconds, device, what)
                if call is not None:
                    calls[name] = call
            timed = time_in_turns(
                calls, clock=clock, protocol=protocol, session=session, failed=failed
            )
            for name, timing in timed.items():
                rows[name][what] = timing
    return rows


def _call(
    separator: nn.Module | None, seconds: float, device: str, what: What
) -> Callable[[], Any] | None:
    """Return what is timed; None where a separator has no such part."""
    if separator is None:
        return None
    if what == "everything":
        return caller(separator, make_inputs(separator, seconds, device=device))
    if not isinstance(separator, Separator) or separator.mouth_input is None:
        return None
    speakers = 2 if what == "mouths" or takes_all(separator) else 1
    inputs = make_inputs(separator, seconds, speakers=speakers, device=device)
    samples = inputs.mixture.shape[-1]
    if what == "mouths":
        return lambda: separator.encode_mouths(inputs.mouths, samples=samples)
    return caller(separator, inputs, separator.encode_mouths(inputs.mouths, samples=samples))
