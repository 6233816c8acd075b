"""A submission is run again: what is drawn, what must be the same, what raises the mark."""

from __future__ import annotations

import gzip
import hashlib
import inspect
import json
import math
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

import bench
from bench.board.submissions.card import author_card
from bench.board.submissions.reading import VERIFICATION, Submission, read_submission
from bench.board.submissions.writing import draft_submission, reveal_submission, write_submission
from bench.board.verification import draw
from bench.board.verification.draw import draw_mixtures, evidence_sha256
from bench.board.verification.kept import keep_replay, read_verification
from bench.board.verification.replay import Replay, replay
from bench.board.verification.report import replay_text
from bench.board.verification.tolerances import choose_tolerance
from bench.datasets import Dataset
from bench.errors import UsageError
from bench.run.files.saved import SavedEstimates
from bench.run.planning import describe_separator
from bench.run.result import Run, SystemFacts
from bench.separators.own import build_from_file

METRICS = ("si_snr", "stoi")
LISTED = 6
SAID = {
    "system": "Louder",
    "authors": ["A. Nobody"],
    "modality": "audio-only",
    "causal": True,
    "licence": "CC0-1.0",
    "training_data": "none",
    "visual_pretraining": "none",
    "checkpoint_choice": "none",
    "training_seeds": 1,
}


class Louder(torch.nn.Module):
    """A system of somebody's own: the mixture, and for the second mouth a little less of it."""

    def __init__(self, gain: float = 0.5) -> None:
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor([1.0, gain]))

    def forward(self, mixture: torch.Tensor, mouths: torch.Tensor) -> torch.Tensor:
        past = torch.nn.functional.pad(mixture, (1, 0))[:, :-1]
        return mixture[:, None] + self.gain[:, None] * past[:, None]


@pytest.fixture(autouse=True)
def _cheap_draws(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A draw is made to cost time; one test pays the price."""
    if "construction" not in request.node.name:
        monkeypatch.setattr(draw, "_COST", 2)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return bench.load_dataset("talking-heads-2mix")


@pytest.fixture(scope="module")
def honest(dataset: Dataset) -> Run:
    """A quick look, whose six mixtures are all that can be drawn."""
    return bench.evaluate(Louder(), dataset, metrics=METRICS, name="Louder", limit=LISTED)


def _submit(run: Run, folder: Path, **more: object) -> Submission:
    draft = draft_submission([run], author_card({**SAID, **more}), flags=["quick-look"])
    write_submission(draft, folder)
    return read_submission(folder)


def _replay(submission: Submission, dataset: Dataset, **more: object) -> Replay:
    (run,) = submission.to_runs()
    return replay(run, Louder(), dataset, **{"sample": LISTED, **more})  # type: ignore[arg-type]


def _changed(run: Run, change: Callable[[dict], None], mixtures: set[str] | None = None) -> Run:
    """A run whose records were edited by hand, in some mixtures or in all."""
    records = []
    for record in run.records:
        entries = {n: getattr(record, n) for n in record.__dataclass_fields__}
        entries["scores"] = dict(entries["scores"])
        if mixtures is None or record.mixture in mixtures:
            change(entries)
        records.append(type(record)(**entries))
    return replace(run, records=tuple(records))


def _better(entries: dict) -> None:
    entries["scores"]["si_snr"] += 0.5
    entries["scores"]["si_snr_i"] += 0.5


# The draw


def test_the_submission_draws_and_a_larger_sample_holds_a_smaller_one(honest: Run) -> None:
    evidence, names = evidence_sha256(honest), [f"m{number}" for number in range(200)]
    drawn = draw_mixtures(evidence, names, 50)
    assert len(set(drawn)) == 50
    assert list(drawn) == [name for name in names if name in set(drawn)]
    assert drawn == draw_mixtures(evidence, names, 50)
    assert set(draw_mixtures(evidence, names, 20)) < set(drawn)
    assert draw_mixtures(evidence, names, 900) == tuple(names)
    assert set(draw_mixtures(evidence, names, 50, "salt")) != set(drawn)


def test_every_mixture_is_drawn_equally_often() -> None:
    names = [f"m{number}" for number in range(10)]
    counts = dict.fromkeys(names, 0)
    for number in range(400):
        for name in draw_mixtures(f"{number:064d}", names, 5):
            counts[name] += 1
    assert min(counts.values()) >= 160  # 200 expected, standard deviation 10
    assert max(counts.values()) <= 240


def test_the_draw_is_the_stated_construction() -> None:
    """Written down once more, so that no change of it goes unnoticed."""
    evidence, names = "ab" * 32, ["m1", "m2", "m3", "m4"]
    password, purpose = f"{evidence}/word".encode(), b"avss-bench verification draw 1"
    key = hashlib.scrypt(password, salt=purpose, n=65536, r=8, p=1, maxmem=2**27, dklen=32)
    order = sorted(names, key=lambda name: hashlib.sha256(key + name.encode()).hexdigest())
    assert set(draw_mixtures(evidence, names, 2, "word")) == set(order[:2])


def test_scores_decide_the_draw_and_names_do_not(honest: Run, tmp_path: Path) -> None:
    evidence = evidence_sha256(honest)
    renamed = replace(honest, system=replace(honest.system, name="Other", notes=("a note",)))
    assert evidence_sha256(renamed) == evidence
    assert evidence_sha256(_changed(honest, _better)) != evidence
    assert evidence_sha256(replace(honest, records=honest.records[:-1])) != evidence
    assert evidence_sha256(replace(honest, plan=replace(honest.plan, threads=2))) != evidence
    first = _submit(honest, tmp_path / "a").to_run()
    other = _submit(honest, tmp_path / "b", training_data="something else").to_run()
    assert evidence_sha256(first) == evidence_sha256(other)


# What comes of it


def test_an_honest_submission_is_verified_and_marked(
    honest: Run, dataset: Dataset, tmp_path: Path
) -> None:
    submission = _submit(honest, tmp_path / "mine")
    assert submission.to_run().provenance == "submitted"
    found = _replay(submission, dataset)
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
    submission = _submit(honest, tmp_path)
    contents = []
    for _ in range(2):
        keep_replay(submission, _replay(submission, dataset, sample=3))
        contents.append((tmp_path / VERIFICATION).read_bytes())
    assert contents[0] == contents[1]


def test_every_deviation_is_told(honest: Run, dataset: Dataset, tmp_path: Path) -> None:
    submission = _submit(_changed(honest, _better), tmp_path)
    found = _replay(submission, dataset, sample=4)
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
    submission = _submit(_changed(honest, _better, wrong), tmp_path)
    found = _replay(submission, dataset, sample=4)
    places = {d.place.rpartition("/")[0] for d in found.deviations if d.place != "mean"}
    assert places == wrong & set(found.mixtures) != set()


def test_noise_of_another_machine_is_no_deviation(
    honest: Run, dataset: Dataset, tmp_path: Path
) -> None:
    def noise(entries: dict) -> None:
        entries["scores"]["si_snr"] += 0.004
        entries["scores"]["stoi"] -= 0.0002

    assert _replay(_submit(_changed(honest, noise), tmp_path), dataset, sample=10).agrees


@pytest.mark.parametrize(
    ("entry", "value"),
    [("target_cluster", "somebody"), ("interferer_cluster", "somebody"), ("status", "undefined")],
)
def test_other_entries_of_a_record_count_too(
    honest: Run, dataset: Dataset, tmp_path: Path, entry: str, value: str
) -> None:
    changed = _changed(honest, lambda entries: entries.update({entry: value}))
    found = _replay(_submit(changed, tmp_path), dataset, sample=2)
    assert {d.what for d in found.deviations} == {entry}


def test_a_score_that_was_left_out_deviates(honest: Run, dataset: Dataset, tmp_path: Path) -> None:
    def leave_out(entries: dict) -> None:
        entries["scores"]["stoi"] = None

    found = _replay(_submit(_changed(honest, leave_out), tmp_path), dataset, sample=2)
    assert {d.what for d in found.deviations} == {"stoi"}
    assert all(d.submitted is None and d.measured is not None for d in found.deviations)


def test_items_that_failed_there_and_not_here_deviate(
    honest: Run, dataset: Dataset, tmp_path: Path
) -> None:
    def fail(entries: dict) -> None:
        entries.update(status="failed", error="no", scores=dict.fromkeys(entries["scores"]))

    found = _replay(_submit(_changed(honest, fail), tmp_path), dataset, sample=2)
    assert [d.what for d in found.deviations].count("status") == 4


class _Fails(Louder):
    def forward(self, mixture: torch.Tensor, mouths: torch.Tensor) -> torch.Tensor:
        raise ValueError("no")


def test_items_that_fail_on_both_sides_agree(dataset: Dataset, tmp_path: Path) -> None:
    run = bench.evaluate(_Fails(), dataset, metrics=("si_snr",), name="Fails", limit=2)
    found = replay(_submit(run, tmp_path).to_run(), _Fails(), dataset)
    assert found.agrees


def test_a_sample_larger_than_the_list_is_the_list(
    honest: Run, dataset: Dataset, tmp_path: Path
) -> None:
    found = _replay(_submit(honest, tmp_path), dataset, sample=1000)
    assert set(found.mixtures) == {record.mixture for record in honest.records}
    assert "without a salt" not in replay_text(found)


def test_a_small_sample_does_not_raise_the_mark(
    honest: Run, dataset: Dataset, tmp_path: Path
) -> None:
    submission = _submit(honest, tmp_path)
    found = _replay(submission, dataset, sample=LISTED - 1)
    assert found.agrees
    assert not found.verified
    assert "the mark needs a sample of 6 and every metric" in replay_text(found)
    keep_replay(submission, found)
    assert read_submission(tmp_path).to_run().provenance == "submitted"


# What must be the same


def test_other_weights_and_other_code_are_refused(
    honest: Run, dataset: Dataset, tmp_path: Path
) -> None:
    run = _submit(honest, tmp_path).to_run()
    with pytest.raises(UsageError, match="the tensors of the submission"):
        replay(run, Louder(0.25), dataset)
    imports = "import torch\n\n\n"
    (tmp_path / "other.py").write_text(f"{imports}{inspect.getsource(Louder)}\n\nbuild = Louder\n")
    with pytest.raises(UsageError, match="the code of the submission"):
        replay(run, build_from_file(f"{tmp_path / 'other.py'}:build"), dataset)
    with pytest.raises(UsageError, match="of the kind 'own', but one of the kind 'oracle'"):
        replay(run, bench.load_separator("ideal-ratio-mask"), dataset)


def test_other_data_are_refused(honest: Run, dataset: Dataset, tmp_path: Path) -> None:
    run = _submit(honest, tmp_path).to_run()
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
    submitted = _submit(honest, tmp_path / "sub").to_run()
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
    run = _submit(honest, tmp_path).to_run()
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
    found = _replay(_submit(run, tmp_path), dataset, sample=1)
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
    submission = _submit(run, tmp_path / "sub")
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
        _replay(submission, dataset)
    assert draft.secret is not None
    write_submission(reveal_submission(submission, draft.secret), tmp_path / "seen")
    revealed = read_submission(tmp_path / "seen")
    with pytest.raises(UsageError, match="none of the 1 weight files"):
        _replay(revealed, dataset, checkpoints=["a" * 64])


# The file that keeps it


@pytest.fixture(scope="module")
def _verified_once(honest: Run, dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("verified") / "sub"
    submission = _submit(honest, folder)
    keep_replay(submission, _replay(submission, dataset))
    return folder


@pytest.fixture
def verified(_verified_once: Path, tmp_path: Path) -> Path:
    return shutil.copytree(_verified_once, tmp_path / "sub")


def _edit(folder: Path, change: Callable[[dict], None]) -> None:
    path = folder / VERIFICATION
    content = json.loads(path.read_text())
    change(next(iter(content["runs"].values())))
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry.update(evidence_sha256="0" * 64),
        lambda entry: entry.update(result="agrees"),
        lambda entry: entry.update(sample=3, mixtures=entry["mixtures"][:3]),
        lambda entry: entry.update(sample=60),
        lambda entry: entry.update(mixtures=entry["mixtures"][:1] * LISTED),
        lambda entry: entry.update(compared=0),
        lambda entry: entry.update(unchecked={"si_snr": "no"}),
        lambda entry: entry.update(extra=1),
        lambda entry: entry.update(sample="50"),
    ],
)
def test_a_file_that_does_not_say_what_the_mark_needs_is_worth_nothing(
    verified: Path, change: Callable[[dict], None]
) -> None:
    assert read_submission(verified).to_run().provenance == "verified"
    _edit(verified, change)
    assert read_submission(verified).to_run().provenance == "submitted"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"runs": 1}', b"\xff\xfe", b"[" * 100_000, b'{"a":1,"a":1}', b"NaN"],
)
def test_a_damaged_file_is_worth_nothing(verified: Path, content: bytes) -> None:
    (verified / VERIFICATION).write_bytes(content)
    assert read_verification(verified) is None
    assert read_submission(verified).to_run().provenance == "submitted"


def test_the_mark_does_not_move_to_other_scores(
    verified: Path, honest: Run, tmp_path: Path
) -> None:
    _submit(_changed(honest, _better), tmp_path / "better")
    (tmp_path / "better" / VERIFICATION).write_bytes((verified / VERIFICATION).read_bytes())
    assert read_submission(tmp_path / "better").to_run().provenance == "submitted"


# Tolerances


def test_tolerances_follow_the_noise() -> None:
    cpu = choose_tolerance(devices={"cpu"}, identical=True)
    gpu = choose_tolerance(devices={"cpu", "cuda"}, identical=True)
    equivalent = choose_tolerance(devices={"cpu"}, identical=False)
    assert cpu.of("si_snr", 0.0) < cpu.of("si_snr_i", 30.0) < gpu.of("si_snr_i", 30.0)
    assert cpu.of("si_snr", -30.0) == cpu.of("si_snr", 30.0)
    assert equivalent.of_mean("si_snr") < equivalent.of("si_snr", 15.0)
    assert cpu.of("pesq_wb", 2.0) < gpu.of("pesq_wb", 2.0) < equivalent.of("pesq_wb", 2.0)


@pytest.mark.parametrize("db", [-10.0, 5.0, 15.0, 25.0])
def test_the_tolerance_of_a_ratio_holds_for_the_worst_noise(db: float) -> None:
    """Noise of the stated size that is the error once more, or turns it most, moves it no more."""
    generator = np.random.default_rng(0)
    reference = generator.standard_normal(8000)
    error = generator.standard_normal(8000)
    error -= reference * (error @ reference) / (reference @ reference)
    error *= 10 ** (-db / 20) * np.linalg.norm(reference) / np.linalg.norm(error)
    estimate = reference + error
    for tolerance in (
        choose_tolerance(devices={"cpu"}, identical=True),
        choose_tolerance(devices={"cuda"}, identical=True),
    ):
        size = tolerance.noise * np.linalg.norm(estimate)
        for direction in (error, -error, reference, -reference):
            noisy = estimate + direction * size / np.linalg.norm(direction)
            moved = bench.metrics.si_snr(estimate=noisy, reference=reference) - db
            assert abs(float(moved)) <= tolerance.of("si_snr", db)
            assert math.isfinite(float(moved))
