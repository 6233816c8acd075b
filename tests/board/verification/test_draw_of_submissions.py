"""The mixtures that a submission draws: nobody can choose them."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from louder import better, changed, submit

from bench.board.verification.draw import draw_mixtures, evidence_sha256
from bench.run.result import Run


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
    assert evidence_sha256(changed(honest, better)) != evidence
    assert evidence_sha256(replace(honest, records=honest.records[:-1])) != evidence
    assert evidence_sha256(replace(honest, plan=replace(honest.plan, threads=2))) != evidence
    first = submit(honest, tmp_path / "a").to_run()
    other = submit(honest, tmp_path / "b", training_data="something else").to_run()
    assert evidence_sha256(first) == evidence_sha256(other)
