"""What the tests make sites from: a few runs, submissions and profiles with known figures."""

from __future__ import annotations

import random
from dataclasses import replace

from made_profiles import GPU, make_profile
from made_runs import make_run

from bench.board.published import load_published
from bench.board.site import Sources
from bench.datasets import load_card
from bench.efficiency.profile import Profile
from bench.run.result import Run
from bench.separators.card import known_cards

HOSTILE = "<img src=x onerror=alert(1)>\"'&</script><script>alert(2)</script>"


def official(name: str, level: float, *, dataset: str = "lrs2-2mix", targets: int = 60) -> Run:
    """Make a run on an official list whose SI-SNRi lies around `level`."""
    numbers = random.Random(f"{name} {dataset}")
    scores = [round(level + numbers.gauss(0, 2), 3) for _ in range(targets)]
    list_sha256 = load_card(dataset).mixture_list.sha256
    plan: dict[str, object] = {"dataset": dataset, "list_sha256": list_sha256}
    run = make_run(name.lower(), list(scores), plan=plan)
    return replace(run, system=replace(run.system, name=name))


def small_sources() -> Sources:
    """Return sources with every kind of row: measured, submitted, verified, oracle, unranked."""
    runs = (
        official("CTCNet", 14.2),
        replace(official("IIANet", 15.9), provenance="verified"),
        replace(official("Newcomer", 13.0), provenance="submitted"),
        replace(official(HOSTILE, 9.0), provenance="submitted"),
        official("Ideal ratio mask", 18.0, dataset="talking-heads-2mix"),
        official("CTCNet", 12.0, dataset="talking-heads-2mix"),
    )
    profiles = (
        _named(make_profile("ctcnet", 83.0, run_s=0.4), "CTCNet"),
        _named(make_profile("iianet", 18.6, run_s=0.3), "IIANet"),
        _named(make_profile("rtfsnet-4", 11.0, run_s=0.2, busy=True), "RTFS-Net-4"),
        _named(make_profile("ctcnet", 83.0, device=GPU, run_s=0.02), "CTCNet"),
    )
    return Sources(
        runs=runs,
        figures=load_published(),
        profiles=profiles,
        cards={card.name: card for card in known_cards().values()},
    )


def _named(profile: Profile, name: str) -> Profile:
    """Give a profile the name that tables use."""
    return profile.model_copy(update={"name": name})
