"""Joining runs from several machines: parts of one run become the run, others are laid together.

Parts belong together where their plans are equal to the last setting. A target that several parts
scored must have the same scores in all of them; one that failed in one part and was scored in
another is scored, as `--retry-failed` would have it. Everything is checked before anything is
written, what is given is only read, and what lies in the new folder is never overwritten.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.core.files import storage_errors, write_text
from bench.core.hashing import hash_settings
from bench.core.jsonio import dumps_pretty, loads
from bench.core.plan import SCHEMA, Plan
from bench.core.record import Record, RecordKey, parse_record
from bench.core.recordfile import append_records
from bench.errors import DataError, UsageError
from bench.run.data_sameness import FINGERPRINT_NAME
from bench.run.parts import Whole, read_whole, write_whole
from bench.run.result import Run

__all__ = ["Merged", "merge_runs"]

_MOST_NAMED = 5


@dataclass(frozen=True)
class Merged:
    """What became of one run.

    Attributes:
        run: Its id.
        folder: Where it lies now.
        sources: Folders that it was joined from.
        records: Targets that have a record.
        expected: Targets there should be; None where no part says so.
        settled: Targets that failed in one part and were scored in another.
    """

    run: str
    folder: Path
    sources: tuple[Path, ...]
    records: int
    expected: int | None
    settled: int

    @property
    def finished(self) -> bool:
        """Whether nothing is missing."""
        return self.records == self.expected


@dataclass(frozen=True)
class _Shard:
    """What one folder holds of a run."""

    folder: Path
    plan: Plan
    records: Mapping[RecordKey, Record]
    whole: Whole | None
    finished: bool


@dataclass(frozen=True)
class _Joined:
    """Shards of one run, joined."""

    plan: Plan
    shards: tuple[_Shard, ...]
    whole: Whole | None
    records: Mapping[RecordKey, Record] = field(repr=False)
    settled: int


def merge_runs(folders: Sequence[Path], out: Path) -> list[Merged]:
    """Join what several folders hold, below a new one.

    Args:
        folders: Runs, or folders of runs; they are only read.
        out: Folder of runs; a run that lies there already is not touched.

    Raises:
        UsageError: No run is given, or one lies in the new folder already.
        DataError: A file is damaged, or parts disagree; names every target.
    """
    shards: dict[str, list[_Shard]] = {}
    for place in _places(folders):
        shard = _read(place)
        shards.setdefault(shard.plan.run_id, []).append(shard)
    joined = [_join(of_run) for _, of_run in sorted(shards.items())]
    for run in joined:
        if (out / run.plan.run_id).exists():
            raise UsageError(
                f"{out / run.plan.run_id} exists; nothing is overwritten: name another --out."
            )
    return [_write(run, out / run.plan.run_id) for run in joined]


def _places(folders: Sequence[Path]) -> list[Path]:
    """Return the folders of runs in what was given, each once."""
    found: dict[Path, Path] = {}
    for folder in folders:
        inside = sorted(path.parent for path in folder.rglob("plan.json"))
        if not inside:
            raise UsageError(f"{folder} holds no run; name runs, or folders of runs.")
        found |= {place.resolve(): place for place in inside}
    return list(found.values())


def _read(folder: Path) -> _Shard:
    path = folder / "plan.json"
    content = loads(path.read_bytes(), str(path))
    try:
        plan = Plan(**{**content, "marks": tuple(content["marks"])})
        run_id, version = plan.run_id, content["schema"]
    except (KeyError, TypeError) as error:
        raise DataError(f"{path} is not the plan of a run ({error}).") from error
    if version != SCHEMA:
        raise DataError(f"{path} was written by another version of avss-bench (format {version}).")
    whole, found = read_whole(folder), tuple(_growing(folder / "records.jsonl"))
    finished = (folder / "run.json").is_file()
    if finished:
        run = Run.load(folder)
        whole, found = _whole_of(run), run.records
    strangers = [record.run for record in found if record.run != run_id]
    if strangers:
        raise DataError(f"{folder} holds records of another run ({strangers[0]}).")
    return _Shard(folder, plan, {record.key: record for record in found}, whole, finished)


def _whole_of(run: Run) -> Whole:
    """What a finished run consists of, in the order of its records."""
    targets: dict[str, list[int]] = {}
    for record in run.records:
        targets.setdefault(record.mixture, []).append(record.target)
    return Whole(run.system, tuple(targets), tuple(tuple(found) for found in targets.values()))


def _growing(path: Path) -> Iterator[Record]:
    """Read an unfinished file as it is; a torn last line counts for nothing."""
    if path.is_file():
        for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], 1):
            yield parse_record(line, f"{path}, line {number}")


def _join(shards: Sequence[_Shard]) -> _Joined:
    """Join the shards of one run.

    Raises:
        DataError: They disagree.
    """
    plan = shards[0].plan
    for shard in shards[1:]:
        if shard.plan.sha256 != plan.sha256:
            raise DataError(
                f"{shard.folder} and {shards[0].folder} have one name and unequal plans."
            )
    wholes = [shard.whole for shard in shards if shard.whole is not None]
    if any(whole != wholes[0] for whole in wholes):
        raise DataError(
            f"the parts of {plan.run_id} are of unequal lists, or of systems of unequal names."
        )
    _refuse_unequal_data(shards)
    if wholes:
        _refuse_foreign_targets(shards, wholes[0])
    records: dict[RecordKey, Record] = {}
    conflicts, settled = [], 0
    for shard in shards:
        for key, record in shard.records.items():
            known = records.setdefault(key, record)
            if known == record:
                continue
            if "failed" not in (known.status, record.status):
                conflicts.append(_conflict(known, record, shard))
            elif known.status == "failed":
                records[key] = record
            settled += known.status != record.status
    if conflicts:
        more = f" and {len(conflicts) - _MOST_NAMED} more" if len(conflicts) > _MOST_NAMED else ""
        named = "; ".join(conflicts[:_MOST_NAMED])
        raise DataError(
            f"the parts of {plan.run_id} disagree about {named}{more}; leave one of them out."
        )
    return _Joined(plan, tuple(shards), wholes[0] if wholes else None, records, settled)


def _conflict(first: Record, second: Record, shard: _Shard) -> str:
    unequal = [s for s, v in first.scores.items() if second.scores.get(s) != v]
    what = "other facts"
    if unequal:
        score = unequal[0]
        what = f"{score} {first.scores[score]} or {second.scores.get(score)}"
    return f"{first.mixture}/s{first.target} ({what}, in {shard.folder})"


def _refuse_foreign_targets(shards: Sequence[_Shard], whole: Whole) -> None:
    """Refuse records of targets that the run does not consist of."""
    pairs = zip(whole.mixtures, whole.targets, strict=True)
    known = {(mixture, target) for mixture, targets in pairs for target in targets}
    for shard in shards:
        foreign = [f"{mixture}/s{target}" for mixture, target in shard.records.keys() - known]
        if foreign:
            raise DataError(
                f"{shard.folder} holds records that are not of this run ({min(foreign)}); leave "
                "it out."
            )


def _refuse_unequal_data(shards: Sequence[_Shard]) -> None:
    found = {
        (shard.folder / FINGERPRINT_NAME).read_bytes()
        for shard in shards
        if (shard.folder / FINGERPRINT_NAME).is_file()
    }
    if len(found) > 1:
        raise DataError(f"the parts of {shards[0].plan.run_id} keep unequal fingerprints of data.")


def _write(run: _Joined, folder: Path) -> Merged:
    """Write a finished run where nothing is missing, else an unfinished one to go on from."""
    expected = run.whole.expected if run.whole else None
    sources = tuple(shard.folder for shard in run.shards)
    merged = Merged(run.plan.run_id, folder, sources, len(run.records), expected, run.settled)
    alike = [shard for shard in run.shards if shard.finished and shard.records == run.records]
    with storage_errors(folder):
        if alike:  # with its word errors, and whatever else lies there
            shutil.copytree(alike[0].folder, folder)
        else:
            folder.mkdir(parents=True)
    for shard in run.shards:
        _copy_beside(shard.folder, folder)
    if not alike:
        _write_joined(run, folder)
    return merged


def _write_joined(run: _Joined, folder: Path) -> None:
    write_text(folder / "plan.json", dumps_pretty(asdict(run.plan)))
    write_text(folder / "environment.json", dumps_pretty(_environment(run.shards)))
    if run.whole is not None and len(run.records) == run.whole.expected:
        order = {name: position for position, name in enumerate(run.whole.mixtures)}
        records = sorted(run.records.values(), key=lambda r: (order[r.mixture], r.target))
        Run(run.plan, run.whole.system, tuple(records), run.whole.expected, folder).save(folder)
    else:
        if run.whole is not None:
            write_whole(folder, run.whole)
        append_records(folder / "records.jsonl", run.records.values())


def _environment(shards: Sequence[_Shard]) -> dict[str, object]:
    """The environment of the first part; of all, where they are not equal."""
    found: dict[str, dict[str, object]] = {}
    for shard in shards:
        path = shard.folder / "environment.json"
        if path.is_file():
            content = loads(path.read_bytes(), str(path))
            found.setdefault(hash_settings(content), content)
    first = next(iter(found.values()), {})
    return first if len(found) < 2 else {**first, "machines": list(found.values())}


def _copy_beside(source: Path, folder: Path) -> None:
    """Copy the fingerprint and the saved voices; what is there already stays."""
    wanted = [source / FINGERPRINT_NAME, *sorted((source / "estimates").glob("*/*.wav"))]
    for path in wanted:
        place = folder / path.relative_to(source)
        if path.is_file() and not place.exists():
            with storage_errors(place):
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, place)
