"""Tables of profiles, and the ratios in them."""

from __future__ import annotations

import pytest

from bench.board.costs.latency import latency_tables
from bench.board.costs.ratios import paired_ratio
from bench.board.costs.tables import (
    costs_table,
    failures,
    layers_table,
    plain_rows,
)
from bench.efficiency.costs import Costs, MacsByPart, Share
from bench.efficiency.device import Device
from bench.efficiency.latency import Timing
from bench.efficiency.memory import Memory
from bench.efficiency.profile import Measured, ParameterCounts, Profile
from bench.errors import UsageError

CPU = Device(kind="cpu", name="Tester 9", cores=2, torch="2.9.0")
GPU = Device(kind="cuda", name="Painter 7", cores=2, driver="1.2", torch="2.9.0")


def timing(*runs: float, session: str = "s", busy: bool = False) -> Timing:
    return Timing(
        first_s=2 * runs[0],
        warm_up=7,
        settled=True,
        runs_s=runs,
        cpu_s=runs,
        others=1.5 if busy else 0.0,
        busy=busy,
        session=session,
    )


def profile(
    name: str,
    g: float,
    *rows: Timing,
    device: Device = CPU,
    seconds: float = 1.0,
    unknown: tuple[str, ...] = (),
    published: bool = True,
) -> Profile:
    target = MacsByPart(separator=int(g * 1e9), encoders=10**9)
    both = MacsByPart(separator=2 * target.separator, encoders=2 * target.encoders)
    ours = MacsByPart(separator=target.separator, encoders=2 * target.encoders)
    return Profile(
        separator=name.lower(),
        name=name,
        kind="published",
        device=device,
        parameters=ParameterCounts(
            total=int(g * 1e6) + 10**6,
            separator=int(g * 1e6),
            lip_encoder=10**6,
            face_encoder=0,
            trainable=int(g * 1e6),
            used=int(g * 1e6),
        ),
        costs=(
            Costs(
                seconds=seconds,
                published_target=target if published else None,
                published_mixture=both if published else None,
                executed_target=target,
                executed_mixture=ours,
                unknown=unknown,
                layers=(Share(name="block / gather", share=0.5),),
            ),
        ),
        measured=tuple(
            Measured(
                seconds=seconds,
                threads=1,
                latency={"target": row, "everything": row},
                memory=Memory(ram=300_000_000, ram_before=100_000_000),
                without_macs=0.25,
            )
            for row in rows
        ),
    )


SLOW = timing(2.0, 2.2, 1.8, 2.0, 2.0, 2.0, 2.0)
FAST = timing(1.0, 1.1, 0.9, 1.0, 1.0, 1.0, 1.2)


def test_paired_runs_cancel_what_slows_both() -> None:
    ratio = paired_ratio(FAST, SLOW)
    assert ratio is not None
    assert ratio.value == pytest.approx(0.5)
    assert (ratio.low, ratio.high) == pytest.approx((0.5, 0.6))
    assert str(ratio) == "0.50 [0.50, 0.60]"


def test_the_interval_of_many_runs_leaves_extremes_out() -> None:
    runs = [1.0] * 40 + [9.0] * 5 + [0.1] * 5
    ratio = paired_ratio(timing(*runs), timing(*[1.0] * 50))
    assert ratio is not None
    assert (ratio.low, ratio.high) == (1.0, 1.0)


def test_rows_that_were_not_measured_together_have_no_ratio() -> None:
    assert paired_ratio(FAST, timing(1.0, session="other")) is None


def test_costs_are_per_second_for_both_targets_and_relative() -> None:
    table = costs_table([profile("CTCNet", 80), profile("Small", 8)], seconds=1.0, against="ctcnet")
    small = next(line for line in table.splitlines() if "Small" in line).split()
    assert small[3] == "18.00"  # twice 8 and twice the lip encoder's 1
    assert small[5] == "10.00"
    assert "0.111" in small  # of CTCNet's 162
    assert "0.100" in small
    with pytest.raises(UsageError, match="--against absent"):
        costs_table([profile("Small", 8)], seconds=1.0, against="absent")


def test_operators_of_unknown_cost_make_a_lower_bound() -> None:
    plugin = profile("Own", 8, unknown=("mine::scan",), published=False)
    table = costs_table([plugin], seconds=1.0, against=None)
    assert "≥ 10.00" in table
    assert "no cost is known of mine::scan" in table
    known = costs_table([profile("Known", 8, unknown=("mine::scan",))], seconds=1.0, against=None)
    assert known.count("≥") == 1  # the published graph is exact, our own count is not


def test_tables_group_by_device_and_never_mix() -> None:
    profiles = [
        profile("CTCNet", 80, SLOW),
        profile("Small", 8, FAST),
        profile("Small", 8, timing(0.1, 0.1, 0.1, session="gpu"), device=GPU),
    ]
    cpu, gpu = sorted(latency_tables(profiles, against="ctcnet"), key=lambda t: "Painter" in t)
    assert "Tester 9, 2 cores" in cpu
    assert "0.50 [0.50, 0.60]" in cpu
    assert "1000.0 (0.50)" in cpu
    assert "1000.0" in cpu
    assert "200" in cpu
    assert "Painter 7" in gpu
    assert "CTCNet " not in gpu
    assert "1000.0" not in gpu


def test_a_busy_row_is_marked_loudly() -> None:
    table, gpu = latency_tables([profile("Small", 8, timing(1.0, 1.0, busy=True))], against=None)
    assert gpu.startswith("GPU: not measured yet; avss-bench profile")
    assert "1000.0 !" in table
    assert "too busy to measure (1.5 cores used by others" in table
    assert "do not quote this row" in table


def test_one_sentence_names_all_rows_that_must_not_be_quoted() -> None:
    busy = timing(1.0, 1.0, busy=True)
    spread = timing(1.0, 1.0, 2.0, 2.0, busy=True)
    table, _ = latency_tables(
        [profile("One", 8, busy), profile("Two", 8, FAST), profile("Three", 8, spread)],
        against=None,
    )
    (warning,) = [line for line in table.splitlines() if line.startswith("! ")]
    assert warning == (
        "! One, Three: the machine was too busy to measure (1.5 cores used by others, noise 0% to "
        "67%); do not quote these rows."
    )


def test_what_nobody_measured_is_named_with_its_command() -> None:
    table, _ = latency_tables([profile("Small", 8)], against="ctcnet")
    assert table.splitlines()[1:] == [
        "Empty: not measured yet; avss-bench profile small --against ctcnet --seconds 1 "
        "--threads 1 --out results/profiles"
    ]
    (gpu,) = latency_tables([profile("Small", 8, device=GPU)], against="ctcnet")
    assert "--device cuda" in gpu


def test_a_row_is_empty_only_for_what_was_measured_at_another_length() -> None:
    profiles = [
        profile("One", 8, FAST),
        profile("Two", 8, FAST, seconds=2.0),
        profile("Never", 8),
    ]
    first, second, _ = latency_tables(profiles, against=None)
    assert "│ Two " in first
    assert "profile two never --against" in first
    assert "│ One " in second
    assert "│ Never " not in first + second
    alone, unseen, _ = latency_tables(profiles, against=None, seconds=[2.0, 4.0])
    assert alone == second
    assert "4 s of audio" in unseen


def test_what_separates_both_at_once_is_compared_with_both() -> None:
    one = profile("CTCNet", 80, SLOW)
    both = timing(*(2 * run for run in SLOW.runs_s))
    (row,) = one.measured
    row = row.model_copy(update={"latency": {"target": SLOW, "everything": both}})
    one = one.model_copy(update={"measured": (row,)})
    own = profile("Own", 8, FAST)
    (row,) = own.measured
    row = row.model_copy(update={"latency": {"everything": FAST}})
    own = own.model_copy(update={"measured": (row,)})
    table, _ = latency_tables([one, own], against="ctcnet")
    line = next(line for line in table.splitlines() if "Own (both)" in line)
    assert "0.25 [0.25, 0.30]" in line
    assert "(0.25)" in line
    assert plain_rows([one, own], against="ctcnet")[1]["latency_ratios"] == [
        {"seconds": 1.0, "threads": 1, "value": 0.25, "low": 0.25, "high": pytest.approx(0.3)}
    ]


def test_without_a_system_to_relate_to_there_are_no_ratios() -> None:
    profiles = [profile("Small", 8, FAST)]
    drawn = [
        costs_table(profiles, seconds=1.0, against=None),
        *latency_tables(profiles, against=None)[:1],
    ]
    assert not any("/ " in line or "ratio" in line for text in drawn for line in text.splitlines())
    assert all(len(set(map(len, text.splitlines()[-4:]))) == 1 for text in drawn)


def test_what_has_no_costly_layer_has_no_table_of_layers() -> None:
    (costs,) = profile("Free", 0).costs
    free = profile("Free", 0).model_copy(
        update={"costs": (costs.model_copy(update={"layers": ()}),)}
    )
    assert layers_table([free], seconds=1.0) == ""


def test_a_failure_is_said_once() -> None:
    failed = profile("Bad", 8).model_copy(update={"costs": (), "errors": ("1 s: no.", "1 s: no.")})
    assert failures([failed, profile("Small", 8)]) == ["bad: 1 s: no."]
    assert "no." not in costs_table([failed, profile("Small", 8)], seconds=1.0, against=None)


def test_layers_and_plain_rows() -> None:
    profiles = [profile("CTCNet", 80, SLOW), profile("Small", 8, FAST)]
    assert "50% block / gather" in layers_table(profiles, seconds=1.0)
    rows = plain_rows(profiles, against="ctcnet")
    assert rows[1]["latency_ratios"] == [
        {"seconds": 1.0, "threads": 1, "value": 0.5, "low": 0.5, "high": pytest.approx(0.6)}
    ]
