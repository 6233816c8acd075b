"""Whether scores can be true: ranges, relations that hold for every estimate, and too many twins.

For an estimate e of a target s, with c its SI-SDR as a ratio of energies:

- its SNR is at most 10 lg(1 + c): no scaling of e comes nearer to s than the best one;
- its BSS-Eval SDR is at least its SI-SNR: filters of 512 taps explain more of e than one gain;
- score minus improvement is the score of the mixture. It lies in the range of the metric; for the
  plain SNR it is the level difference of the two voices, with opposite signs for the two targets.

Means are removed for the SI-SNR and not for the others. On the runs of this project that comes to
less than 0.03 dB; `SLACK_DB` leaves room for recordings with an offset. An estimate with an offset
of its own has an honest SDR below its SI-SNR, so that alone refuses nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from bench.board.ranges import HIGHEST_DB, outside_range
from bench.board.submissions.findings import Finding, capped, shown
from bench.board.submissions.models import FILE_NAME
from bench.board.submissions.reading import Submission
from bench.board.submissions.untrusted import RECORDS
from bench.core.record import Record
from bench.metrics import Metric, find_metric

__all__ = ["SLACK_DB", "plausibility_findings"]

SLACK_DB = 0.5

_LEVEL_SLACK_DB = 0.05  # conditions are rounded to four digits, voices to 16 bits
_UNHEARD_OF_DB = 30.0
_TWINS = 0.01
_FEWEST_TWINS = 4

_Line = tuple[int, Record]


def plausibility_findings(submission: Submission) -> Iterator[Finding]:
    """Look at every record, and at what they have in common."""
    lines: dict[str, list[_Line]] = {run.id: [] for run in submission.content.runs}
    for number, record in enumerate(submission.records, 1):
        lines[record.run].append((number, record))
    for number, run in enumerate(submission.content.runs):
        metrics = [find_metric(metric) for metric in run.plan.metrics]
        found = [
            Finding(f"{RECORDS}:{line}", problem)
            for line, record in lines[run.id]
            for problem in _impossible(record, metrics)
        ]
        found += _offsets(lines[run.id])
        found += _unlike_pairs(lines[run.id])
        yield from capped(found, RECORDS)
        place = f"{FILE_NAME}#/runs/{number}"
        yield from _twins(lines[run.id], metrics, run.plan.kind, place)
        yield from _unheard_of(lines[run.id], run.plan.kind, place)


def _impossible(record: Record, metrics: Sequence[Metric]) -> Iterator[str]:
    """What no estimate can have."""
    for metric in metrics:
        value, gain = record.scores.get(metric.id), record.scores.get(f"{metric.id}_i")
        if value is not None and (bounds := outside_range(value, metric)):
            yield f"{metric.id} is {value:g}, but {bounds}"
        elif (
            value is not None
            and gain is not None
            and (bounds := outside_range(value - gain, metric))
        ):
            yield (
                f"{metric.id}_i is {gain:g}, so that the mixture would have {value - gain:g}, "
                f"but {bounds}"
            )
    yield from _broken_relations(record)


def _broken_relations(record: Record) -> Iterator[str]:
    si_snr, snr = record.scores.get("si_snr"), record.scores.get("snr")
    if si_snr is not None and snr is not None:
        most = 10 * math.log10(1 + 10 ** (min(si_snr, HIGHEST_DB) / 10))
        if snr > most + SLACK_DB:
            yield f"an SNR of {snr:.2f} dB cannot be: an SI-SNR of {si_snr:.2f} allows {most:.2f}"
    level, mixture = record.conditions.get("input_snr_db"), _of_mixture(record, "snr")
    if not isinstance(level, int | float) or mixture is None:
        return
    if abs(level - mixture) > _LEVEL_SLACK_DB:
        yield (
            f"snr - snr_i is {mixture:.2f} dB, but the voices differ by {level:.2f} dB "
            "(input_snr_db): the improvement is not over this mixture"
        )


def _offsets(lines: Sequence[_Line]) -> Iterator[Finding]:
    for number, record in lines:
        si_snr, sdr = record.scores.get("si_snr"), record.scores.get("sdr_bsseval512")
        if si_snr is not None and sdr is not None and sdr < si_snr - SLACK_DB:
            problem = (
                f"an SDR of {sdr:.2f} dB is below the SI-SNR, {si_snr:.2f}, which only an offset "
                "of the estimate can bring about"
            )
            yield Finding(f"{RECORDS}:{number}", problem, "warning")


def _of_mixture(record: Record, metric: str) -> float | None:
    """The score of the mixture that a score and its improvement speak of."""
    value, gain = record.scores.get(metric), record.scores.get(f"{metric}_i")
    return None if value is None or gain is None else value - gain


def _unlike_pairs(lines: Sequence[_Line]) -> Iterator[Finding]:
    """The two targets of a mixture tell of the same two voices, from opposite sides."""
    first: dict[str, Record] = {}
    clusters: dict[str, str] = {}
    for number, record in lines:
        place = f"{RECORDS}:{number}"
        named = {
            record.target_utterance: record.target_cluster,
            record.interferer_utterance: record.interferer_cluster,
        }
        for utterance, cluster in named.items():
            if utterance and clusters.setdefault(utterance, cluster) != cluster:
                yield Finding(
                    place, f"{shown(utterance)} was of another speaker, video or talk before"
                )
        if (other := first.setdefault(record.mixture, record)) is record:
            continue
        mine = (record.target_utterance, record.interferer_utterance)
        if mine != (other.interferer_utterance, other.target_utterance):
            yield Finding(
                place, "does not name the voices of its mixture's other target, exchanged"
            )
        levels = [_of_mixture(each, "snr") for each in (record, other)]
        known = [level for level in levels if level is not None]
        if len(known) == 2 and abs(sum(known)) > 2 * _LEVEL_SLACK_DB:
            yield Finding(place, "snr - snr_i is not the opposite of that of the other target")


def _twins(
    lines: Sequence[_Line], metrics: Sequence[Metric], kind: str, place: str
) -> Iterator[Finding]:
    """Equal scores of unequal items: noise makes them differ in their last digits."""
    scores: dict[str, list[float]] = {
        metric.id: [v for _, r in lines if (v := r.scores.get(metric.id)) is not None]
        for metric in metrics
        if metric.unit == "dB"
    }
    for name, values in scores.items():
        if not values:
            continue
        value, count = Counter(values).most_common(1)[0]
        if count >= max(_FEWEST_TWINS, _TWINS * len(values)):
            problem = f"{count} of {len(values)} targets have exactly the same value, {value!r}"
            yield Finding(f"{place}/aggregates/{name}", problem)
    seen: Mapping[tuple[float | None, ...], int] = Counter(
        tuple(record.scores.values()) for _, record in lines if record.status == "ok"
    )
    if twins := sum(count - 1 for count in seen.values()):
        yield Finding(place, f"{twins} targets have all the scores of another target")


def _unheard_of(lines: Sequence[_Line], kind: str, place: str) -> Iterator[Finding]:
    gains = [v for _, r in lines if (v := r.scores.get("si_snr_i")) is not None]
    if gains and kind != "oracle" and (mean := math.fsum(gains) / len(gains)) > _UNHEARD_OF_DB:
        yield Finding(
            f"{place}/aggregates/si_snr_i",
            f"a mean of {mean:.1f} dB is more than any system has; was the target given away?",
            "warning",
        )
