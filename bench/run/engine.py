"""The engine: score a separator on a data set, resumably, in one process or several."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import torch

from bench.core.environment import describe_environment
from bench.core.files import hold, write_text
from bench.core.jsonio import dumps_pretty
from bench.core.mixture import Mixture
from bench.core.plan import Plan, claim_folder
from bench.core.record import Record, RecordKey
from bench.core.recordfile import append_records, read_growing
from bench.errors import DataError, UsageError
from bench.execute.choice import choose_executor
from bench.execute.outcome import Executor
from bench.metrics import DEFAULT_METRICS
from bench.run.data_sameness import keep_fingerprint
from bench.run.files.saved import SavedEstimates
from bench.run.files.separate import refuse_missing_streams
from bench.run.item import Job, failed_records, has_voices, make_task
from bench.run.parts import (
    EVERYTHING,
    WHOLE_NAME,
    Part,
    Whole,
    parse_part,
    write_whole,
)
from bench.run.planning import (
    Progress,
    device_of,
    limited,
    make_plan,
    mixture_ids,
    targets_of,
)
from bench.run.result import Run, SystemFacts

__all__ = ["evaluate"]

# So many mixtures, the first of the list, are also separated with the mouths exchanged.
_EXCHANGE_PROBES = 4


def evaluate(
    separator: torch.nn.Module | SavedEstimates,
    dataset: Sequence[Mixture],
    *,
    out: str | Path | None = None,
    metrics: Sequence[str] = DEFAULT_METRICS,
    workers: int = 1,
    threads: int = 1,
    limit: int | None = None,
    mouths: str = "as-is",
    permutation: str = "given",
    save_estimates: bool = False,
    retry_failed: bool = False,
    name: str | None = None,
    part: str | None = None,
    preparing: Progress | None = None,
    progress: Progress | None = None,
) -> Run:
    """Separate every mixture, score both targets, and keep the records.

    The result depends on the plan alone: interrupted and resumed, or spread over workers, the
    records are the same bytes.

    Args:
        separator: From `bench.load_separator`, or any module that is called as
            `separator(mixture, mouths=...)` and returns `(batch, 2, samples)`; or `SavedEstimates`.
        dataset: From `bench.load_dataset`, or any sequence of `Mixture`.
        out: Folder that holds runs; the run's own folder is made in it. None = memory only.
        metrics: Ids of the metrics.
        workers: Number of processes. It does not change the result.
        threads: Arithmetic threads in each process. It can change the last digits.
        limit: Take a fixed, stratified subset of so many mixtures; such runs are never ranked.
        mouths: What is done to the mouths first; see `bench.run.mouth_modes`.
        permutation: "given": the first mouth's estimate is the first target's. "best": the order
            with the higher mean SI-SNR, for audio-only systems; the row says so.
        save_estimates: Keep the separated voices as wav files (needs `out`).
        retry_failed: Try the mixtures again that failed before.
        name: What to call a module of your own in tables.
        part: "K/N": only every N-th mixture from the K-th on, for one of N machines (needs `out`);
            `avss-bench merge` joins the parts, the same call without a part does the rest.
        preparing: Called with (mixtures read, mixtures in all) before the first one is separated,
            while sound and pictures that no card pins are hashed.
        progress: Called with (mixtures done, mixtures in all).

    Raises:
        UsageError: No separator, settings that do not fit, or a folder that belongs to another run.
        StorageError: The disk is full; what was complete is kept and resumed from.
    """
    if not isinstance(separator, torch.nn.Module | SavedEstimates):
        raise UsageError(
            f"{separator!r:.60} was given as the separator, but a torch.nn.Module or "
            "SavedEstimates is expected; bench.load_separator makes one from an id."
        )
    if min(workers, threads) < 1:
        raise UsageError(f"workers={workers} and threads={threads} must be at least 1.")
    share = _share(part, out, save_estimates)
    refuse_missing_streams(separator, dataset)
    chosen = limited(dataset, limit)
    plan, system = make_plan(
        separator,
        dataset,
        metrics=metrics,
        threads=threads,
        limit=limit,
        mouths=mouths,
        permutation=permutation,
        name=name,
        progress=preparing,
    )
    folder = None if out is None else claim_folder(Path(out), plan)
    job = Job(
        plan,
        separator,
        chosen,
        device_of(separator),
        estimates=folder / "estimates" if folder and save_estimates else None,
        exchange_probes=_probes(plan, separator, len(chosen)),
    )
    executor = choose_executor(workers)
    if folder is None:
        found = _collect(job, executor, share, {}, lambda records: None, progress)
        return _finished(job, system, found, None)
    busy = f"another process is working on {folder}; wait for it, or choose another --out."
    with hold(folder / "plan.json", busy):
        return _kept(job, executor, share, system, folder, retry_failed, progress)


def _share(part: str | None, out: str | Path | None, save_estimates: bool) -> Part:
    """Return which mixtures are done here; what is written needs a folder."""
    if save_estimates and out is None:
        raise UsageError("save_estimates needs a folder: give out=.")
    if part is not None and out is None:
        raise UsageError("a part of a run needs a folder that keeps it: give out=.")
    return EVERYTHING if part is None else parse_part(part)


def _kept(
    job: Job,
    executor: Executor,
    part: Part,
    system: SystemFacts,
    folder: Path,
    retry_failed: bool,
    progress: Progress | None,
) -> Run:
    """Do what is still to be done of a run that is kept on disk."""
    growing = folder / "records.jsonl"
    for litter in folder.glob(".*.json*"):  # what a killed process was writing
        litter.unlink()
    run = None
    if (folder / "run.json").exists():
        growing.unlink(missing_ok=True)
        run = Run.load(folder)
        known = {record.key: record for record in run.records}
    else:
        write_text(folder / "environment.json", dumps_pretty(describe_environment()))
        keep_fingerprint(job.dataset, folder)
        known = _known(growing, job.plan)
        write_whole(folder, _whole(job, system))
    kept = known
    if retry_failed:
        kept = {key: record for key, record in known.items() if record.status != "failed"}
    if run is not None and not _pending(job, part, kept):
        return run
    found = _collect(job, executor, part, kept, partial(append_records, growing), progress)
    run = _finished(job, system, {**known, **found}, folder)
    if run.summary.complete:  # a part alone is not
        run.save(folder)
        growing.unlink(missing_ok=True)
        (folder / WHOLE_NAME).unlink(missing_ok=True)
    return run


def _whole(job: Job, system: SystemFacts) -> Whole:
    """Say what the finished run will consist of."""
    names = mixture_ids(job.dataset)
    targets = [targets_of(job.dataset, position) for position in range(len(names))]
    return Whole(system, tuple(names), tuple(targets))


def _pending(job: Job, part: Part, known: Mapping[RecordKey, Record]) -> list[int]:
    """Positions of the mixtures that lack a record, or the estimates that were asked for."""
    recorded = {mixture for mixture, _ in known}

    def done(position: int, name: str) -> bool:
        return (
            name in recorded
            and all((name, target) in known for target in targets_of(job.dataset, position))
            and has_voices(job.estimates, name)
        )

    names = enumerate(mixture_ids(job.dataset))
    return [
        position for position, name in names if part.holds(position) and not done(position, name)
    ]


def _probes(plan: Plan, separator: object, count: int) -> frozenset[int]:
    """Positions of the mixtures that are tried with exchanged mouths, where that means anything."""
    sees = isinstance(separator, torch.nn.Module) and plan.kind not in ("oracle", "baseline")
    as_meant = plan.mouths == "as-is" and plan.permutation == "given"
    return frozenset(range(min(_EXCHANGE_PROBES, count))) if sees and as_meant else frozenset()


def _known(path: Path, plan: Plan) -> dict[RecordKey, Record]:
    """Read what an interrupted run left."""
    records = read_growing(path)
    strangers = {record.run for record in records} - {plan.run_id}
    if strangers:
        raise DataError(f"{path} holds records of another run ({strangers.pop()}).")
    return {record.key: record for record in records}


def _collect(
    job: Job,
    executor: Executor,
    part: Part,
    known: Mapping[RecordKey, Record],
    keep: Callable[[list[Record]], None],
    progress: Progress | None,
) -> dict[RecordKey, Record]:
    """Carry out what is not known yet; every mixture is kept as soon as it is done."""
    found = dict(known)
    pending = _pending(job, part, known)
    total = sum(map(part.holds, range(len(job.dataset))))
    done = total - len(pending)
    if progress:
        progress(done, total)
    for outcome in executor.run(partial(make_task, job), pending):
        records = outcome.result
        if records is None:
            reason = outcome.crash or "the worker process died"
            records = failed_records(job.plan, job.dataset[outcome.item], reason)
        keep(records)
        found.update((record.key, record) for record in records)
        done += 1
        if progress:
            progress(done, total)
    return found


def _finished(
    job: Job, system: SystemFacts, found: Mapping[RecordKey, Record], folder: Path | None
) -> Run:
    order = {name: position for position, name in enumerate(mixture_ids(job.dataset))}
    records = sorted(found.values(), key=lambda record: (order[record.mixture], record.target))
    expected = sum(len(targets_of(job.dataset, position)) for position in order.values())
    return Run(job.plan, system, tuple(records), expected, folder)
