"""Submissions for tests: runs made by formula, written, and spoilt in every way."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.board.submissions.card import AuthorCard, author_card
from bench.board.submissions.writing import draft_submission, write_submission
from bench.core.files import gzip_bytes
from bench.core.hashing import hash_bytes
from bench.core.plan import Plan
from bench.core.record import Record
from bench.datasets.lists import ListLine, read_list
from bench.datasets.registry import card_folder, load_card
from bench.metrics import metric_versions
from bench.run.result import Run, SystemFacts

METRICS = ("si_snr", "snr", "sdr_bsseval512", "pesq_wb", "stoi")
DATASET = "talking-heads-2mix"

ENTRIES: dict[str, Any] = {
    "system": "LipNet-Zwölf",
    "authors": ["Ada Example", "Grace Sample"],
    "paper": {"title": "Lips tell more", "venue": "Proc. Nowhere", "year": 2026},
    "code": "https://example.org/lipnet",
    "licence": "Apache-2.0",
    "modality": "audio-visual",
    "causal": False,
    "training_data": "LRS2-2Mix training list",
    "visual_pretraining": "none",
    "checkpoint_choice": "best SI-SNRi on the validation list",
    "training_seeds": 1,
}


def make_card(**changes: Any) -> AuthorCard:
    return author_card({**ENTRIES, **changes})


def make_run(
    *, gain_db: float = 9.0, seed: int = 0, plan: dict[str, Any] | None = None, kind: str = "own"
) -> Run:
    """A run on the embedded set whose scores obey every relation that real ones obey."""
    card = load_card(DATASET)
    file = card.mixture_list.file
    assert file is not None
    lines = read_list(card_folder(DATASET) / file).lines
    settings = Plan(
        dataset=DATASET,
        list_sha256=card.mixture_list.sha256,
        data_sha256=card.fingerprint,
        separator={"separator": "lipnet", "tensors": "a" * 64, "weights": "checkpoint"},
        kind=kind,
        metrics=metric_versions(METRICS),
        packages={"numpy": "2.4.6", "torch": "2.13.0+cpu"},
    )
    settings = replace(settings, **(plan or {}))
    if settings.limit:
        lines = lines[: settings.limit]
    generator = np.random.default_rng(seed)
    records = [
        _record(settings, line, target, gain_db, generator) for line in lines for target in (1, 2)
    ]
    system = SystemFacts("lipnet", kind, "mouths 'default': (x/255 - 0.421)/0.165")
    return Run(settings, system, tuple(records), len(records))


def _record(
    plan: Plan, line: ListLine, target: int, gain_db: float, generator: np.random.Generator
) -> Record:
    own, other = line.utterances if target == 1 else line.utterances[::-1]
    # What belongs to the mixture must not depend on the system.
    level = (line.gains_db[0] - line.gains_db[1]) * (1 if target == 1 else -1)
    snr = level + gain_db + generator.normal()
    pesq, stoi = 1.2 + level / 50, 0.7 + level / 100
    scores = {
        "si_snr": snr + 0.3,
        "si_snr_i": snr + 0.3 - (level - 0.1),
        "snr": snr,
        "snr_i": snr - level,
        "sdr_bsseval512": snr + 0.6,
        "sdr_bsseval512_i": snr + 0.6 - (level + 0.2),
        "pesq_wb": pesq + 0.7,
        "pesq_wb_i": 0.7,
        "stoi": stoi + 0.1,
        "stoi_i": 0.1,
    }
    return Record(
        run=plan.run_id,
        dataset=plan.dataset,
        mixture=line.name,
        target=target,
        status="ok",
        target_cluster=own.partition("_")[0],
        interferer_cluster=other.partition("_")[0],
        target_utterance=own,
        interferer_utterance=other,
        conditions={"input_snr_db": round(level, 4), "sex_pair": "FM"},
        diagnostics={"si_snr_to_interferer": -20.0},
        scores=scores,
    )


def save(run: Run, folder: Path) -> Path:
    """Keep a run as `avss-bench run` would."""
    run.save(folder / run.id)
    return folder / run.id


def submission(folder: Path, *runs: Run, **changes: Any) -> Path:
    """Write a submission that nothing is wrong with."""
    draft = draft_submission(runs or (make_run(),), make_card(**changes))
    write_submission(draft, folder)
    return folder


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change `submission.json` by hand."""
    path = folder / "submission.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def lines_of(folder: Path) -> list[str]:
    return gzip.decompress((folder / "records.jsonl.gz").read_bytes()).decode().splitlines()


def put_lines(folder: Path, lines: list[str | bytes]) -> None:
    """Replace the records, and say so in `submission.json`, as a forger would."""
    raw = b"".join((x if isinstance(x, bytes) else x.encode()) + b"\n" for x in lines)
    put_records(folder, gzip_bytes(raw), len(lines))


def put_records(folder: Path, content: bytes, count: int | None = None) -> None:
    (folder / "records.jsonl.gz").write_bytes(content)

    def change(entries: dict[str, Any]) -> None:
        entry = entries["files"]["records.jsonl.gz"]
        entry["sha256"] = hash_bytes(content)
        entry["lines"] = entry["lines"] if count is None else count

    edit(folder, change)


def edit_record(folder: Path, number: int, change: Callable[[dict[str, Any]], object]) -> None:
    """Change one record, written as the project writes records."""
    lines: list[str | bytes] = list(lines_of(folder))
    record = json.loads(lines[number])
    change(record)
    lines[number] = json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    put_lines(folder, lines)


def rescore(folder: Path) -> None:
    """Make the aggregates those of the changed records, so that only the change is wrong."""
    from bench.run.summary import summarise

    records = [json.loads(line) for line in lines_of(folder)]

    def change(entries: dict[str, Any]) -> None:
        for run in entries["runs"]:
            own = [r for r in records if r["run"] == run["id"]]
            names = [n for n in own[0] if n in run["aggregates"]]
            made = [_plain_record(r, names) for r in own]
            found = summarise(made, run["expected"])
            run["aggregates"] = {s: vars(a) for s, a in found.aggregates.items()}
            run |= {"ok": found.ok, "undefined": found.undefined, "failed": found.failed}

    edit(folder, change)


def _plain_record(flat: dict[str, Any], names: list[str]) -> Record:
    fields = {n: flat[n] for n in Record.__dataclass_fields__ if n in flat}
    return Record(**fields, scores={n: flat[n] for n in names})
