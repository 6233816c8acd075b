"""A submission is run again: what must be the same, what is told, what raises the mark."""

from __future__ import annotations

import gzip
import inspect
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from louder import LISTED, SAID, Louder, better, changed, replayed, submit

import bench
from bench.board.submissions.card import author_card
from bench.board.submissions.reading import VERIFICATION, read_submission
from bench.board.submissions.writing import draft_submission, reveal_submission, write_submission
from bench.board.verification.kept import keep_replay, read_verification
from bench.board.verification.replay import replay
from bench.board.verification.report import replay_text
from bench.datasets import Dataset
from bench.errors import UsageError
from bench.run.files.saved import SavedEstimates
from bench.run.planning import describe_separator
from bench.run.result import Run, SystemFacts
from bench.separators.own import build_from_file


def test_an_honest_submission_is_verified_and_marked(
    honest: Run, dataset: Dataset, tmp_path: Path
) -> None:
    submission = submit(honest, tmp_path / "mine")
    assert submission.to_run().provenance == "submitted"
    found = replayed(submission, dataset)
    assert found.verified
    assert found.compared == LISTED * 2 * 4
    assert found.data == "identical"
    assert "everything agrees: verified" in replay_text(found)
    keep_replay(submission, found)
    assert read_submission(tmp_path / "mine").to_run().provenance == "verified"
    kept = read_verification(tmp_path / "mine")
    assert kept is not None
    (entry,) = kept.runs.values()
    assert entry.mixtures == found.mixtures
    assert entry.salt == ""


def test_it_is_the_same_file_every_time(honest: Run, dataset: Dataset, tmp_path: Path) -> None:
    submission = submit(honest, tmp_path)
    contents = []
    for _ in range(2):
        keep_replay(submission, replayed(submission, dataset, sample=3))
        contents.append((tmp_path / VERIFICATION).read_bytes())
    assert contents[0] == contents[1]


def test_every_deviation_is_told(honest: Run, dataset: Dataset, tmp_path: Path) -> None:
    submission = submit(changed(honest, better), tmp_path)
    found = replayed(submission, dataset, sample=4)
    assert not found.agrees
    assert len([d for d in found.deviations if d.what == "si_snr"]) == 8 + 1  # and their mean
    assert all(d.what.startswith("si_snr") for d in found.deviations)
    text = replay_text(found)
    assert f"{len(found.deviations)} deviations: not verified" in text
    assert text.count(" measured (tolerance 0.02") == 2 * 8  # the score and its improvement
    assert text.count("\n  mean: ") == 2
    keep_replay(submission, found)
    assert read_submission(tmp_path).to_run().provenance == "submitted"


def test_a_few_doctored_mixtures_are_found_when_they_are_drawn(
    honest: Run, dataset: Dataset, tmp_path: Path
) -> None:
    mixtures = {record.mixture for record in honest.records}
    wrong = set(sorted(mixtures)[::2])
    submission = submit(changed(honest, better, wrong), tmp_path)
    found = replayed(submission, dataset, sample=4)
    places = {d.place.rpartition("/")[0] for d in found.deviations if d.place != "mean"}
    assert places == wrong & set(found.mixtures) != set()


def test_noise_of_another_machine_is_no_deviation(
    honest: Run, dataset: Dataset, tmp_path: Path
) -> None:
    def noise(entries: dict) -> None:
        entries["scores"]["si_snr"] += 0.004
        entries["scores"]["stoi"] -= 0.0002

    assert replayed(submit(changed(honest, noise), tmp_path), dataset, sample=10).agrees


@pytest.mark.parametrize(
    ("entry", "value"),
    [("target_cluster", "somebody"), ("interferer_cluster", "somebody"), ("status", "undefined")],
)
def test_other_entries_of_a_record_count_too(
    honest: Run, dataset: Dataset, tmp_path: Path, entry: str, value: str
) -> None:
    doctored = changed(honest, lambda entries: entries.update({entry: value}))
    found = replayed(submit(doctored, tmp_path), dataset, sample=2)
    assert {d.what for d in found.deviations} == {entry}


def test_a_score_that_was_left_out_deviates(honest: Run, dataset: Dataset, tmp_path: Path) -> None:
    def leave_out(entries: dict) -> None:
        entries["scores"]["stoi"] = None

    found = replayed(submit(changed(honest, leave_out), tmp_path), dataset, sample=2)
    assert {d.what for d in found.deviations} == {"stoi"}
    assert all(d.submitted is None and d.measured is not None for d in found.deviations)


def test_items_that_failed_there_and_not_here_deviate(
    honest: Run, dataset: Dataset, tmp_path: Path
) -> None:
    def fail(entries: dict) -> None:
        entries.update(status="failed", error="no", scores=dict.fromkeys(entries["scores"]))

    found = replayed(submit(changed(honest, fail), tmp_path), dataset, sample=2)
    assert [d.what for d in found.deviations].count("status") == 4


class _Fails(Louder):
    def forward(self, mixture: torch.Tensor, mouths: torch.Tensor) -> torch.Tensor:
        raise ValueError("no")


def test_items_that_fail_on_both_sides_agree(dataset: Dataset, tmp_path: Path) -> None:
    run = bench.evaluate(_Fails(), dataset, metrics=("si_snr",), name="Fails", limit=2)
    found = replay(submit(run, tmp_path).to_run(), _Fails(), dataset)
    assert found.agrees


def test_a_sample_larger_than_the_list_is_the_list(
    honest: Run, dataset: Dataset, tmp_path: Path
) -> None:
    found = replayed(submit(honest, tmp_path), dataset, sample=1000)
    assert set(found.mixtures) == {record.mixture for record in honest.records}
    assert "without a salt" not in replay_text(found)


def test_a_small_sample_does_not_raise_the_mark(
    honest: Run, dataset: Dataset, tmp_path: Path
) -> None:
    submission = submit(honest, tmp_path)
    found = replayed(submission, dataset, sample=LISTED - 1)
    assert found.agrees
    assert not found.verified
    assert "the mark needs a sample of 6 and every metric" in replay_text(found)
    keep_replay(submission, found)
    assert read_submission(tmp_path).to_run().provenance == "submitted"


# What must be the same


def test_other_weights_and_other_code_are_refused(
    honest: Run, dataset: Dataset, tmp_path: Path
) -> None:
    run = submit(honest, tmp_path).to_run()
    with pytest.raises(UsageError, match="the tensors of the submission"):
        replay(run, Louder(0.25), dataset)
    imports = "import torch\n\n\n"
    (tmp_path / "other.py").write_text(f"{imports}{inspect.getsource(Louder)}\n\nbuild = Louder\n")
    with pytest.raises(UsageError, match="the code of the submission"):
        replay(run, build_from_file(f"{tmp_path / 'other.py'}:build"), dataset)
    with pytest.raises(UsageError, match="of the kind 'own', but one of the kind 'oracle'"):
        replay(run, bench.load_separator("ideal-ratio-mask"), dataset)


def test_other_data_are_refused(honest: Run, dataset: Dataset, tmp_path: Path) -> None:
    run = submit(honest, tmp_path).to_run()
    with pytest.raises(UsageError, match="was opened"):
        replay(run, Louder(), bench.load_dataset("talking-heads-2mix-full"))
    other = replace(run, plan=replace(run.plan, data_sha256="1" * 64))
    with pytest.raises(UsageError, match="no fingerprint says how far"):
        replay(other, Louder(), dataset)
    other = replace(run, plan=replace(run.plan, list_sha256="1" * 64))
    with pytest.raises(UsageError, match="open the same list"):
        replay(other, Louder(), dataset)


def test_an_equivalent_copy_is_enough_and_said(
    honest: Run, dataset: Dataset, tmp_path: Path
) -> None:
    """The submitter's copy differed in last bits: exact hashes differ, all else agrees."""
    mine = dataset.full_fingerprint
    prints = tuple(replace(item, sha256="1" * 64) for item in mine.mixtures)
    theirs = replace(mine, sha256="1" * 64, mixtures=prints)
    (tmp_path / "fingerprint.json.gz").write_bytes(gzip.compress(theirs.text().encode()))
    submitted = submit(honest, tmp_path / "sub").to_run()
    plan = replace(submitted.plan, data_sha256=theirs.sha256)
    run = replace(submitted, plan=plan, folder=tmp_path)
    found = replay(run, Louder(), dataset)
    assert found.verified
    assert found.data == "equivalent"
    louder = tuple(replace(item, levels_db=(-20.0, -20.0)) for item in prints)
    theirs = replace(theirs, mixtures=louder)
    (tmp_path / "fingerprint.json.gz").write_bytes(gzip.compress(theirs.text().encode()))
    with pytest.raises(UsageError, match="measured on other data than this copy"):
        replay(run, Louder(), dataset)


def test_a_metric_of_another_version_is_not_compared(
    honest: Run, dataset: Dataset, tmp_path: Path
) -> None:
    run = submit(honest, tmp_path).to_run()
    other = replace(run, plan=replace(run.plan, metrics={"si_snr": "1", "stoi": "0"}))
    found = replay(other, Louder(), dataset)
    assert found.agrees
    assert not found.verified
    assert found.unchecked == {"stoi": "version 0 was handed in, version 1 is here"}
    other = replace(run, plan=replace(run.plan, metrics={"si_snr": "0"}))
    with pytest.raises(UsageError, match="no metric of the submission"):
        replay(other, Louder(), dataset)


@pytest.mark.parametrize("left_out", [False, True])
def test_targets_that_cannot_be_drawn_are_counted(
    honest: Run, dataset: Dataset, tmp_path: Path, left_out: bool
) -> None:
    """Easy mixtures that no list has, or hard ones of the list that are not there."""
    made_up = [replace(r, mixture=f"x{r.mixture}") for r in honest.records[:2]]
    records = honest.records[2:] if left_out else (*honest.records, *made_up)
    run = replace(honest, records=tuple(records), expected=len(records))
    found = replayed(submit(run, tmp_path), dataset, sample=1)
    said = {d.what: (d.submitted, d.measured) for d in found.deviations if d.place == "list"}
    what = "targets without a record" if left_out else "targets that it has not"
    assert said[what] == ("2", "0")
    assert said["targets expected"] == (str(len(records)), str(2 * LISTED))
    assert not found.agrees


def test_weight_files_must_have_the_hash_that_was_named(honest: Run, dataset: Dataset) -> None:
    identity = {"separator": "ctcnet", "weights": "checkpoint", "files": {"checkpoint": "a" * 64}}
    plan = replace(honest.plan, separator=identity, kind="published")
    run = Run(plan, SystemFacts("CTCNet", "published"), (), 2 * LISTED)
    with pytest.raises(UsageError, match=r"the files of the submission: checkpoint aaaaaaaaaaaa…"):
        replay(run, bench.load_separator("ctcnet"), dataset)


def test_settings_and_mouths_must_be_the_same(honest: Run, dataset: Dataset) -> None:
    separator = bench.load_separator("iianet-fast", settings={"mouth_input": "as-published"})
    _, identity = describe_separator(separator, None)
    facts = SystemFacts("IIANet-fast", "published")
    for entry, value in (("mouth_input", "default"), ("settings", {"num_blocks": 8}), ("seed", 3)):
        plan = replace(honest.plan, separator={**identity, entry: value}, kind="published")
        with pytest.raises(UsageError, match=f"{entry} of the submission"):
            replay(Run(plan, facts, (), 2 * LISTED), separator, dataset)


def test_written_estimates_are_scored_again(dataset: Dataset, tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"wavs/s{number}").mkdir(parents=True)
    for mixture in dataset.subset(LISTED):
        for number in (1, 2):
            voice = mixture.mixture + np.roll(mixture.mixture, number)
            path = tmp_path / f"wavs/s{number}/{mixture.id}.wav"
            soundfile.write(path, voice, 16000, subtype="FLOAT")
    estimates = SavedEstimates(tmp_path / "wavs", "Mine")
    run = bench.evaluate(estimates, dataset, metrics=("si_snr",), limit=LISTED)
    submission = submit(run, tmp_path / "sub")
    found = replay(submission.to_run(), estimates, dataset)
    assert found.verified
    assert "nothing was separated again" in replay_text(found)
    with pytest.raises(UsageError, match="estimates of the submission"):
        replay(submission.to_run(), Louder(), dataset)
    next((tmp_path / "wavs/s1").iterdir()).unlink()
    with pytest.raises(UsageError, match="estimates of the submission"):
        replay(submission.to_run(), estimates, dataset)


def test_an_anonymous_submission_waits_until_it_names_its_weights(
    honest: Run, dataset: Dataset, tmp_path: Path
) -> None:
    draft = draft_submission([honest], author_card(SAID), flags=["quick-look"], anonymous=True)
    write_submission(draft, tmp_path / "blind", tmp_path / "secret.json")
    submission = read_submission(tmp_path / "blind")
    with pytest.raises(UsageError, match="names no weights"):
        replayed(submission, dataset)
    assert draft.secret is not None
    write_submission(reveal_submission(submission, draft.secret), tmp_path / "seen")
    revealed = read_submission(tmp_path / "seen")
    with pytest.raises(UsageError, match="none of the 1 weight files"):
        replayed(revealed, dataset, checkpoints=["a" * 64])
