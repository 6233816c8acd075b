"""Profiles of small systems, good and bad, and their files."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

import bench
from bench.efficiency.costs import count_costs, takes_all
from bench.efficiency.inputs import frames_of, make_inputs
from bench.efficiency.latency import Protocol
from bench.efficiency.memory import measure_memory
from bench.efficiency.params import count_parameters
from bench.efficiency.profile import Profile, read_profiles, write_profile
from bench.efficiency.profiling import Measurement, Subject, profile_separators
from bench.errors import DataError, SeparatorError, UsageError
from bench.separators import find_card, list_separators
from bench.separators.base import Separator
from bench.separators.card import Card, MouthInput
from bench.separators.registry import build_on_meta

QUICK = Measurement(protocol=Protocol(windows=1, fewest=7, most=7), memory=False)


class Own(nn.Module):
    """A system of one's own with a fixed cost: one filter for each of two voices."""

    def __init__(self) -> None:
        super().__init__()
        self.filters = nn.Conv1d(1, 2, 5, padding=2)

    def forward(self, mixture: Tensor, *, mouths: Tensor) -> Tensor:
        voices: Tensor = self.filters(mixture[:, None])
        return voices[:, : mouths.shape[1]]


class Both(Own):
    """Insists on what the documentation of the door promises."""

    def forward(self, mixture: Tensor, mouths: Tensor) -> Tensor:
        assert mouths.shape == (1, 2, mixture.shape[1] // 640, 88, 88)
        return super().forward(mixture, mouths=mouths)


class Small(Own):
    """Prepares mouths its own way."""

    def prepare_mouths(self, crops: NDArray[np.uint8]) -> Tensor:
        assert crops.shape[0] == 2
        return torch.from_numpy(crops[:, :, ::4, ::4]).float()

    def forward(self, mixture: Tensor, *, mouths: Tensor) -> Tensor:
        assert mouths.shape[3:] == (24, 24)
        return super().forward(mixture, mouths=mouths)


class Deaf(Own):
    """Looks at no mouths."""

    def forward(self, mixture: Tensor) -> Tensor:  # type: ignore[override]
        return super().forward(mixture, mouths=torch.ones(1, 2))


class Strict(Own):
    """Takes two seconds only."""

    def forward(self, mixture: Tensor, *, mouths: Tensor) -> Tensor:
        if mixture.shape[-1] != 32000:
            raise UsageError("it takes 2 s.")
        return super().forward(mixture, mouths=mouths)


def refuse() -> nn.Module:
    raise UsageError("there is no such file.")


def test_a_system_of_ones_own_is_counted_without_a_card() -> None:
    (profile,) = profile_separators([Subject("own", Own)], seconds=[1.0])
    (costs,) = profile.costs
    assert costs.executed_mixture.total == 2 * 16000 * 5
    assert costs.published_mixture is None
    assert costs.mixture == costs.executed_mixture
    assert [layer.name for layer in costs.layers] == ["filters"]
    assert profile.parameters is not None
    assert profile.parameters.used == profile.parameters.total == 12
    assert profile.parameters.trainable is None
    assert profile.measured == ()


@pytest.mark.parametrize("build", [Both, Small, Deaf])
def test_a_system_of_ones_own_is_called_as_in_a_run(build: type[Own]) -> None:
    (profile,) = profile_separators([Subject("own", build)], seconds=[1.0], measurement=QUICK)
    assert profile.errors == ()
    (costs,) = profile.costs
    assert costs.executed_mixture.total == 2 * 16000 * 5
    assert costs.executed_target is None  # nobody promised that it takes one mouth
    assert set(profile.measured[0].latency) == {"everything"}


def test_a_program_for_two_mouths_has_no_figure_for_one() -> None:
    class Two(Separator):
        halves_batch = False
        mouth_input = MouthInput()
        card = Card(id="two", name="Two", kind="own", summary="for two mouths")

        def _encode(self, mouths: Tensor, samples: int | None) -> Tensor:
            return mouths

        def _separate(self, mixture: Tensor, embeddings: Tensor, faces: Tensor | None) -> Tensor:
            assert embeddings.shape[1] == 2
            return mixture[:, None].expand(-1, 2, -1)

    (profile,) = profile_separators([Subject("two", Two)], seconds=[0.5], measurement=QUICK)
    assert profile.errors == ()
    assert profile.costs[0].executed_target is None


@pytest.mark.parametrize("error", [AssertionError("no"), KeyError("no"), AttributeError("no")])
def test_a_network_may_raise_anything(error: Exception) -> None:
    class Raises(Own):
        def forward(self, mixture: Tensor, *, mouths: Tensor) -> Tensor:
            raise error

    (profile,) = profile_separators([Subject("raises", Raises)], seconds=[1.0])
    assert profile.errors == (f"1 s: {type(error).__name__}: {error}",)


def test_a_failure_at_every_length_is_one_sentence() -> None:
    class Never(Own):
        def forward(self, mixture: Tensor, *, mouths: Tensor) -> Tensor:
            raise UsageError("it takes nothing.")

    (profile,) = profile_separators([Subject("never", Never)], seconds=[1.0, 2.0])
    assert profile.errors == ("1 s, 2 s: it takes nothing.",)


def test_one_that_fails_is_a_sentence_and_the_others_go_on() -> None:
    subjects = [Subject("absent", refuse), Subject("strict", Strict), Subject("own", Own)]
    profiles = {p.separator: p for p in profile_separators(subjects, measurement=QUICK)}
    assert profiles["absent"].errors == ("there is no such file.",)
    assert profiles["absent"].parameters is None
    assert profiles["strict"].errors == ("1 s: it takes 2 s.",)
    assert [m.seconds for m in profiles["strict"].measured] == [2.0]
    assert [m.seconds for m in profiles["own"].measured] == [1.0, 2.0]
    assert profiles["own"].errors == ()


def test_latency_of_what_has_parts_and_of_what_has_none() -> None:
    subjects = [
        Subject("own", Own),
        Subject("avlit-8", partial(bench.load_separator, "avlit-8")),
    ]
    own, avlit = profile_separators(subjects, seconds=[0.25], measurement=QUICK)
    assert set(own.measured[0].latency) == {"everything"}
    assert set(avlit.measured[0].latency) == {"target", "mouths", "everything"}
    assert own.measured[0].latency["everything"].session == (
        avlit.measured[0].latency["everything"].session
    )
    assert 0 < avlit.measured[0].without_macs < 1
    assert avlit.measured[0].real_time_factor > 0


def test_costs_of_a_published_system() -> None:
    separator = bench.load_separator("ctcnet", settings={"fn_repeats": 1, "upsampling_depth": 3})
    costs, whole = count_costs(separator, 0.5)
    published, ours = costs.published_target, costs.executed_target
    assert published is not None
    assert ours is not None
    assert costs.published_mixture is not None
    assert costs.published_mixture.total == 2 * published.total
    assert ours.separator < published.separator  # shares at their own length, no idle branch
    assert ours.encoders == published.encoders
    assert costs.executed_mixture.separator < 2 * ours.separator  # the mixture's part once
    assert not costs.lower_bound
    assert whole.unknown == ()
    assert sum(layer.share for layer in costs.layers) <= 1
    assert "network.fuse_into_video.2.conv.bias" not in whole.used


def test_a_network_for_all_voices_has_no_figure_for_one() -> None:
    both = bench.load_separator("avlit-8")
    costs, _ = count_costs(both, 0.25)
    assert takes_all(both)
    assert costs.published_target is None
    assert costs.executed_target is None
    one = bench.load_separator("avlit-8", settings={"num_sources": 1})
    costs, _ = count_costs(one, 0.25)
    assert not takes_all(one)
    assert costs.published_target is not None
    assert costs.published_mixture is not None
    assert costs.published_mixture.separator == 2 * costs.published_target.separator


@pytest.mark.parametrize("name", [n for n in list_separators() if find_card(n).is_network])
def test_counted_parameters_are_the_cards(name: str) -> None:
    card = find_card(name)
    counted = count_parameters(build_on_meta(card), card)
    assert card.parameters is not None
    assert counted.separator == card.parameters.separator
    assert counted.lip_encoder == card.parameters.lip_encoder
    assert counted.face_encoder == card.parameters.face_encoder
    assert counted.total == card.parameters.total
    if card.kind == "published":
        assert counted.trainable is not None
        assert counted.separator <= counted.trainable <= counted.total


def test_a_recipe_that_trains_a_part_of_the_lip_encoder() -> None:
    card = find_card("av-mossformer2")
    assert count_parameters(build_on_meta(card), card).trainable == 55_866_482 + 1_464_837


def test_inputs_fit_the_system() -> None:
    separator = bench.load_separator("visualvoice")
    inputs = make_inputs(separator, 1.0)
    assert inputs.mixture.shape == (1, 16000)
    assert inputs.mouths.shape == (1, 2, 25, 88, 88)
    assert inputs.faces is not None
    assert inputs.faces.shape == (1, 2, 3, 224, 224)
    assert frames_of(2.0) == 50
    with pytest.raises(UsageError, match="--seconds 0 was given"):
        make_inputs(separator, 0)


def test_a_profile_survives_its_file_and_keeps_what_was_measured(tmp_path: Path) -> None:
    (measured,) = profile_separators([Subject("own", Own)], seconds=[1.0], measurement=QUICK)
    path = write_profile(measured, tmp_path)
    assert path.parent.name == measured.device.key
    assert read_profiles(tmp_path) == [measured]
    (counted,) = profile_separators([Subject("own", Own)], seconds=[2.0])
    write_profile(counted, tmp_path)
    (both,) = read_profiles(tmp_path)
    assert [c.seconds for c in both.costs] == [1.0, 2.0]
    assert both.measured == measured.measured
    other = counted.model_copy(update={"settings": {"width": 3}})
    write_profile(other, tmp_path)
    assert read_profiles(tmp_path) == [other]


@pytest.mark.parametrize("content", ["", "{}", '{"schema_version": 2}', "[1]", '{"a": NaN}'])
def test_a_file_that_is_no_profile_is_one_sentence(tmp_path: Path, content: str) -> None:
    folder = tmp_path / "key"
    folder.mkdir()
    (folder / "own.json").write_text(content)
    with pytest.raises(DataError, match=r"own\.json"):
        read_profiles(tmp_path)


def test_figures_of_a_profile_are_the_same_every_time() -> None:
    first, second = (profile_separators([Subject("own", Own)], seconds=[1.0]) for _ in range(2))
    assert first == second
    assert isinstance(first[0], Profile)


@pytest.mark.slow
def test_memory_is_that_of_a_fresh_process() -> None:
    big = torch.ones(40_000_000)  # must not be counted
    memory = measure_memory(partial(bench.load_separator, "mixture"), 1.0)
    assert 0 <= memory.taken < 4 * big.numel()
    assert memory.gpu is None
    with pytest.raises(SeparatorError, match=r"memory at 1 s was not measured: there is no"):
        measure_memory(refuse, 1.0)
