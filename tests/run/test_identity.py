"""Whatever can move a number makes another run; nothing else does."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny import Halves, TinySet

import bench
from bench.core.mixture import Mixture
from bench.separators.own import build_from_file

METRICS = ("si_snr",)


def _id(separator: torch.nn.Module, dataset: TinySet | None = None) -> str:
    run = bench.evaluate(separator, dataset or TinySet(1), metrics=METRICS, mouths="blank")
    return run.id


@dataclass(frozen=True)
class Louder(TinySet):
    """The same names, other sound."""

    def __getitem__(self, position: int) -> Mixture:
        mixture = super().__getitem__(position)
        return replace(mixture, mixture=2 * mixture.mixture)


@dataclass(frozen=True)
class Brighter(TinySet):
    """The same names and sound, other mouths."""

    def __getitem__(self, position: int) -> Mixture:
        mixture = super().__getitem__(position)
        bright = partial(np.full, (13, 96, 96), 200, np.uint8)
        videos = tuple(replace(video, read_mouth=bright) for video in mixture.videos)
        return replace(mixture, videos=videos)


def test_the_same_question_is_the_same_run() -> None:
    assert _id(Halves()) == _id(Halves())


def test_other_sound_under_the_same_names_is_another_run() -> None:
    assert _id(Halves()) != _id(Halves(), Louder(1))


def test_other_mouths_are_another_run_for_who_looks_at_them() -> None:
    assert _id(Halves()) != _id(Halves(), Brighter(1))
    mixture = bench.load_separator("mixture")
    assert _id(mixture) == _id(mixture, Brighter(1))


def test_weights_that_were_changed_after_loading_are_another_run() -> None:
    separator = bench.load_separator("avlit-8")
    before = bench.run.planning.describe_separator(separator, None)[1]
    next(separator.parameters()).zero_()
    assert before != bench.run.planning.describe_separator(separator, None)[1]


def test_plain_attributes_are_part_of_a_module_of_ones_own() -> None:
    class Own(Halves):
        def __init__(self, gain: float) -> None:
            super().__init__()
            self.gain = gain

    assert _id(Own(1.0)) != _id(Own(2.0))
    assert _id(Own(1.0)) == _id(Own(1.0))


def test_changed_code_beside_the_module_is_another_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "gain_helper.py").write_text("GAIN = 0.5\n")
    (tmp_path / "gain_main.py").write_text(
        "import torch\nfrom gain_helper import GAIN\n\n"
        "class Gain(torch.nn.Module):\n"
        "    def forward(self, mixture, mouths):\n"
        "        return GAIN * mixture[:, None].repeat(1, 2, 1)\n"
    )
    first = _id(build_from_file(f"{tmp_path / 'gain_main.py'}:Gain"))
    (tmp_path / "gain_helper.py").write_text("GAIN = 0.25\n")
    assert first != _id(build_from_file(f"{tmp_path / 'gain_main.py'}:Gain"))


def test_other_versions_of_what_computes_are_another_run(monkeypatch: pytest.MonkeyPatch) -> None:
    before = _id(Halves())
    monkeypatch.setattr("bench.run.planning.package_versions", lambda: {"torch": "1.0"})
    assert before != _id(Halves())


def test_an_audio_only_module_needs_no_mouths() -> None:
    class AudioOnly(torch.nn.Module):
        def forward(self, mixture: torch.Tensor) -> torch.Tensor:
            return torch.stack([mixture, 0.5 * mixture], 1)

    run = bench.evaluate(AudioOnly(), TinySet(2), metrics=METRICS, permutation="best")
    assert run.summary.ok == 4


def test_it_is_told_how_far_the_data_are_read_before_a_run_begins() -> None:
    told: list[tuple[int, int]] = []
    bench.evaluate(Halves(), TinySet(), metrics=["si_snr"], preparing=lambda *far: told.append(far))
    # Once through the sound, which no card pins, and once through the pictures.
    assert told == [(done, 6) for _ in range(2) for done in range(1, 7)]


def test_what_else_a_process_has_imported_is_no_part_of_a_module_of_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "alone_stranger.py").write_text("VALUE = 1\n")
    (tmp_path / "alone_main.py").write_text(
        "import torch\n\nclass Same(torch.nn.Module):\n"
        "    def forward(self, mixture, mouths):\n"
        "        return mixture[:, None].repeat(1, 2, 1)\n"
    )
    module = build_from_file(f"{tmp_path / 'alone_main.py'}:Same")
    first = _id(module)
    __import__("alone_stranger")
    assert _id(module) == first


def test_a_factory_that_makes_a_module_of_another_class_is_part_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    factory = (
        "import torch\nfrom made_class import Gain\n\n"
        "def build():\n"
        "    module = Gain()\n"
        "    module.register_forward_hook(lambda module, given, found: {gain} * found)\n"
        "    return module\n"
    )
    (tmp_path / "made_class.py").write_text(
        "import torch\n\nclass Gain(torch.nn.Module):\n"
        "    def forward(self, mixture, mouths):\n"
        "        return mixture[:, None].repeat(1, 2, 1)\n"
    )
    found = set()
    for gain in (0.5, 0.25):
        (tmp_path / "made_factory.py").write_text(factory.format(gain=gain))
        found.add(_id(build_from_file(f"{tmp_path / 'made_factory.py'}:build")))
    assert len(found) == 2
