"""Runs on sets whose lists may not ship are held against the hash of the lists' names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from submitted import make_card, make_run

from bench.board.submissions.official import hash_names
from bench.board.submissions.validation import validate_submission
from bench.board.submissions.writing import draft_submission, write_submission
from bench.core.files import gzip_bytes
from bench.core.plan import Plan
from bench.datasets.lists import ListLine, MixtureList, read_list
from bench.datasets.registry import list_datasets, load_card
from bench.run.result import Run

LISTS = {
    "lrs2-2mix": "lrs2/mix_2_spk_tt.scp",
    "lrs3-2mix": "lrs3/mix_2_spk_tt.scp",
    "voxceleb2-2mix": "vox2/mix_2_spk_tt.scp",
    "lrs2-caffnet": "caffnet/LRS2_test_id.text",
    "lrs3-caffnet": "caffnet/LRS3_test_id.text",
}


def _list(material: Path, dataset: str) -> MixtureList:
    return read_list(material / "datasets" / LISTS[dataset], load_card(dataset).mixture_list.format)


def test_every_card_without_its_list_knows_the_names(material: Path) -> None:
    found = {dataset: load_card(dataset).mixture_list for dataset in list_datasets()}
    hidden = {dataset: known for dataset, known in found.items() if known.file is None}
    lists = {_list(material, dataset).sha256: dataset for dataset in LISTS}
    assert len(hidden) >= 9
    for known in hidden.values():
        names = [line.name for line in _list(material, lists[known.sha256]).lines]
        assert known.names_sha256 == hash_names(names)


def _run(material: Path, dataset: str) -> Run:
    card = load_card(dataset)
    plan = {
        "dataset": dataset,
        "list_sha256": card.mixture_list.sha256,
        "data_sha256": "5" * 64,
    }
    run = make_run(plan=plan)
    lines = _list(material, dataset).lines
    targets = card.mixture_list.targets
    records = [
        _renamed(run, line, target, number)
        for number, line in enumerate(lines)
        for target in targets
    ]
    return replace(run, records=tuple(records), expected=len(records))


def _renamed(run: Run, line: ListLine, target: int, number: int):  # type: ignore[no-untyped-def]
    """A record of the embedded set, under a name of another list."""
    kept = [record for record in run.records if record.target == target]
    record = kept[number % len(kept)]
    own, other = line.utterances if target == 1 else line.utterances[::-1]
    moved = {
        name: value + (number + target / 3) * 1e-7 for name, value in record.scores.items() if value
    }
    return replace(
        record,
        mixture=line.name,
        scores={**record.scores, **moved},
        conditions={},
        target_utterance=own,
        interferer_utterance=other,
        target_cluster=own.rpartition("_")[0],
        interferer_cluster=other.rpartition("_")[0],
    )


@pytest.mark.parametrize("dataset", ["lrs2-2mix", "lrs3-caffnet"])
def test_a_list_that_is_not_here_is_known_by_its_hash(
    material: Path, tmp_path: Path, dataset: str
) -> None:
    run = _run(material, dataset)
    write_submission(draft_submission([run], make_card()), tmp_path / "all")
    found = validate_submission(tmp_path / "all").findings
    assert [f.line() for f in found if f.severity == "error"] == []
    assert any("no fingerprint of the data lies beside" in f.problem for f in found)
    # One mixture changed for another of the same number: only the hash can tell.
    line = ListLine(("x_1.wav", "y_1.wav"), (1.0, -1.0))
    first = run.records[0].mixture
    swapped = [_renamed(run, line, r.target, 7) if r.mixture == first else r for r in run.records]
    spoilt = replace(run, records=tuple(swapped))
    write_submission(draft_submission([spoilt], make_card()), tmp_path / "spoilt")
    found = validate_submission(tmp_path / "spoilt").findings
    assert any("not those of the official list, by their hash" in f.problem for f in found)


def test_a_fingerprint_travels_along_and_is_checked(tmp_path: Path) -> None:
    """A run on licensed data is comparable by its fingerprint, which comes with the submission."""
    import numpy as np

    from bench.board.submissions import read_submission
    from bench.datasets.fingerprint import Fingerprint, MixturePrint
    from bench.run.data_sameness import compare_data

    prints = tuple(
        MixturePrint(f"m{k}", "a" * 64, 32000, (-20.0, None), np.zeros((2, 8), np.int16))
        for k in range(3)
    )
    card = load_card("lrs2-2mix")
    mark = Fingerprint("lrs2-2mix", card.mixture_list.sha256, "6" * 64, prints)
    plan = {"dataset": mark.dataset, "list_sha256": mark.list_sha256, "data_sha256": mark.sha256}
    run = make_run(plan=plan)
    folder = tmp_path / "runs" / run.id
    run.save(folder)
    (folder / "fingerprint.json.gz").write_bytes(gzip_bytes(mark.text().encode()))
    write_submission(draft_submission([Run.load(folder)], make_card()), tmp_path / "mine")
    found = read_submission(tmp_path / "mine").to_run()
    assert found.folder is not None and (found.folder / "fingerprint.json.gz").is_file()
    assert compare_data(found, Run.load(folder)).kind == "identical"
    assert isinstance(found.plan, Plan)

    other = replace(Run.load(folder), plan=replace(run.plan, data_sha256="7" * 64))
    write_submission(draft_submission([other], make_card()), tmp_path / "other")
    findings = validate_submission(tmp_path / "other").findings
    assert any("is the fingerprint of other data" in f.problem for f in findings)
