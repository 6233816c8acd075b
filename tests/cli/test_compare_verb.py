"""`avss-bench compare` as a person types it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from bench.core.files import write_text
from bench.core.jsonio import dumps_pretty
from bench.core.plan import Plan
from bench.core.record import Record
from bench.metrics import metric_versions
from bench.run.result import Run, SystemFacts


def bench(*arguments: str | Path, **settings: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **settings)  # type: ignore[call-overload]


def saved(name: str, better: float, folder: Path, **plan: object) -> Path:
    """Keep a run on 40 mixtures of 80 speakers."""
    settings = Plan(
        dataset="tiny",
        list_sha256="0" * 64,
        data_sha256=None,
        separator={"separator": name, "weights": "checkpoint"},
        kind="published",
        metrics=metric_versions(["si_snr"]),
    )
    settings = replace(settings, **plan)  # type: ignore[arg-type]
    scores = np.random.default_rng(0).normal(10, 2, 80)
    scores += np.random.default_rng(len(name)).normal(better, 0.2, 80)
    records = tuple(
        Record(
            run=settings.run_id,
            dataset="tiny",
            mixture=f"m{k // 2:02}",
            target=k % 2 + 1,
            status="ok",
            target_cluster=f"s{k}",
            interferer_cluster=f"s{k ^ 1}",
            conditions={"sex_pair": "FM" if k % 4 < 2 else "MM"},
            scores={"si_snr": float(score), "si_snr_i": float(score)},
        )
        for k, score in enumerate(scores)
    )
    home = folder / settings.run_id
    write_text(home / "plan.json", dumps_pretty(asdict(settings)))
    Run(settings, SystemFacts(name.upper(), "published"), records, 80).save(home)
    return home


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    saved("ctcnet", 0.0, folder)
    saved("iianet-x", 0.5, folder)
    saved("newer", 0.5, folder, metrics={"si_snr": "2"})
    saved("elsewhere", 0.5, folder, dataset="other")
    return folder


def test_help_has_an_example() -> None:
    done = bench("compare", "--help")
    assert done.returncode == 0
    assert "Example: avss-bench compare" in done.stdout


def test_everything_is_written_and_says_the_same(results: Path, tmp_path: Path) -> None:
    done = bench("compare", "iianet-x", "ctcnet", "--results", results, "--out", tmp_path, "--json")
    assert done.returncode == 0, done.stderr
    assert done.stdout == (tmp_path / "compare.json").read_text()
    content = json.loads(done.stdout)
    (lead,) = content["scores"]
    assert lead["better"] == 1
    assert lead["difference"]["low"] < 0.5 < lead["difference"]["high"]
    assert {group["values"] for group in content["conditions"]} == {"FM", "MM"}
    assert "![IIANET-X against CTCNET](compare.svg)" in (tmp_path / "compare.md").read_text()
    assert (tmp_path / "compare.svg").read_bytes().startswith(b"<svg")
    assert (tmp_path / "compare.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize("format", ["terminal", "md", "latex"])
def test_every_format_names_both_and_its_caption(results: Path, format: str) -> None:
    done = bench("compare", "iianet-x", "ctcnet", "--results", results, "--format", format)
    assert done.returncode == 0, done.stderr
    text = " ".join(done.stdout.split())
    for part in ("IIANET-X", "CTCNET", "over test items, not over training seeds"):
        assert part in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ctcnet", "iianet-y"), "did you mean 'iianet-x'"),
        (("ctcnet", "newer"), "'si_snr' is version 1 in ctcnet_tiny"),
        (("ctcnet", "elsewhere"), "not measured on the same data"),
        (("ctcnet", "ctcnet"), "give two different runs"),
        (("ctcnet", "iianet-x", "--metrics", "si_snri"), "did you mean 'si_snr_i'"),
        (("ctcnet", "iianet-x", "--format", "latx"), "did you mean 'latex'"),
    ],
)
def test_what_cannot_be_compared_gets_one_sentence(
    results: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = bench("compare", *arguments, "--results", results)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
