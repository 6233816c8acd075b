from __future__ import annotations

from pathlib import Path

import pytest
import torch
from published_files import damaged, write_packaged
from vectors import mixture, mouths

import bench
from bench.errors import CheckpointError, UsageError
from bench.separators.base import Separator
from bench.separators.caffnet import CaffNet
from bench.separators.caffnet_affinity import Affinity, identity_matrix, shift_profile
from bench.separators.caffnet_blocks import ComplexConvolution, NonLocalBlock
from bench.separators.registry import build_on_meta, find_card, load_part

SYSTEMS = ("caffnet", "caffnet-c")
BINS = 257


@pytest.fixture(scope="module", params=SYSTEMS)
def separator(request: pytest.FixtureRequest) -> Separator:
    return bench.load_separator(request.param)


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        (
            "caffnet",
            {"audio_encoder": 1_464_320, "decoder": 4_125_441, "": 11_671_298},
        ),
        (
            "caffnet-c",
            {"audio_encoder": 2_926_592, "decoder": 8_250_882, "": 17_259_011},
        ),
    ],
)
def test_has_the_parameters_of_the_sheet(system: str, expected: dict[str, int]) -> None:
    network = build_on_meta(find_card(system)).get_submodule("network")
    shared = {"visual_encoder": 2_926_080, "affinity": 524_289, "gate": 524_800}
    for part, number in {**shared, **expected}.items():
        assert sum(p.numel() for p in network.get_submodule(part).parameters()) == number
    non_local = [network.get_submodule(f"{side}_non_local") for side in ("visual", "audio")]
    assert sum(p.numel() for part in non_local for p in part.parameters()) == 2_106_368
    counted = find_card(system).parameters
    assert counted is not None
    assert counted.separator == expected[""]


@torch.inference_mode()
@pytest.mark.parametrize("samples", [32000, 40800, 24000, 31999, 161, 1])
def test_every_length_and_number_of_mouths_goes(separator: Separator, samples: int) -> None:
    heard = mixture("length", 1, samples)
    for frames in (-(-samples // 640), -(-samples // 640) + 20):
        video = 0.1 * torch.randn(1, 2, 512, frames)  # in the place of encoded mouths
        voices = separator(heard, embeddings=video)
        assert voices.shape == (1, 2, samples)
        assert voices.isfinite().all()


@torch.inference_mode()
def test_the_end_of_an_odd_length_does_not_blow_up(separator: Separator) -> None:
    video = 0.1 * torch.randn(1, 1, 512, 50)
    voice = separator(mixture("odd", 1, 31999), embeddings=video)[0, 0]
    assert voice[-159:].abs().max() < 2 * voice[:-159].abs().max()


@torch.inference_mode()
def test_the_level_of_the_mixture_does_not_matter(separator: Separator) -> None:
    heard, seen = mixture("level", 1, 8000), mouths("level", 1, 13)
    voice = separator(heard, seen)
    for gain in (1e-3, 3.7):
        louder = separator(gain * heard, seen)
        assert (louder - gain * voice).abs().max() < 1e-5 * gain * voice.abs().max()


@torch.inference_mode()
def test_silence_stays_silent(separator: Separator) -> None:
    assert not separator(torch.zeros(1, 2000), mouths("silence", 1, 4)).any()


@torch.inference_mode()
def test_masks_are_bounded(separator: Separator) -> None:
    assert isinstance(separator, CaffNet)
    spectrum = 30 * torch.randn(BINS, 41, dtype=torch.complex64)
    sound = separator.network.listen(spectrum)
    mask = separator.network.estimate_mask(sound, torch.randn(512, 10))
    assert mask.shape == (BINS, 41)
    assert mask.is_complex() == (separator.card.id == "caffnet-c")
    assert mask.abs().max() <= 1 + 1e-6
    if not mask.is_complex():
        assert mask.min() >= 0


@torch.inference_mode()
@pytest.mark.parametrize("system", SYSTEMS)
def test_a_zero_mask_gives_silence(system: str) -> None:
    separator = bench.load_separator(system)
    last = separator.get_submodule("network").get_submodule("decoder")[-1]
    for name, parameter in last.named_parameters():
        closed = system == "caffnet" and name == "bias"  # a sigmoid closes far below zero
        parameter.fill_(-1000.0 if closed else 0.0)
    assert not separator(mixture("zero", 1, 2000), mouths("zero", 1, 4)).any()


@pytest.mark.parametrize(("frames", "shift"), [(50, 0), (70, 1), (70, 10), (70, 19), (70, 20)])
def test_the_utterance_finds_a_planted_shift(frames: int, shift: int) -> None:
    """Section 3 of the sheet: alone, a column is right in a quarter of cases; together, always."""
    columns, noise = 200, torch.Generator().manual_seed(shift)
    at = torch.arange(columns)
    similarity = torch.randn(frames, columns, generator=noise)
    similarity[at // 4 + shift, at] += 1.5
    profile = shift_profile(similarity, 4, torch.tensor(16.0))
    assert int(profile.argmax()) == shift + 49  # the most negative shift comes first
    choices, identity = similarity.softmax(0), identity_matrix(profile, similarity.shape, 4)
    assert 0.1 < (choices.argmax(0) == at // 4 + shift).double().mean() < 0.4
    assert ((choices + identity).argmax(0) == at // 4 + shift).all()


def test_the_profile_is_a_mean_along_diagonals() -> None:
    similarity = torch.randn(5, 14)
    shifts: dict[int, list[float]] = {}
    for frame in range(5):
        for column in range(14):
            shifts.setdefault(frame - column // 4, []).append(float(similarity[frame, column]))
    fullest = max(map(len, shifts.values()))
    means = [
        sum(cells) / len(cells) if 2 * len(cells) >= fullest else -float("inf")
        for _, cells in sorted(shifts.items())
    ]
    expected = (3 * torch.tensor(means)).softmax(0)
    profile = shift_profile(similarity, 4, torch.tensor(3.0))
    torch.testing.assert_close(profile, expected)
    assert 0 < int((profile == 0).sum()) < len(profile)
    identity = identity_matrix(profile, (5, 14), 4)
    for frame in range(5):
        for column in range(14):
            assert identity[frame, column] == profile[frame - column // 4 + 3]


@torch.inference_mode()
def test_columns_of_the_affinity_sum_to_one() -> None:
    affinity = Affinity(8, 4, 4)
    choices, _ = affinity.weigh(torch.randn(8, 41), torch.randn(8, 10))
    torch.testing.assert_close(choices.sum(0), torch.ones(41))
    certain = torch.zeros(10 + 10)
    certain[9 + 2] = 1.0  # two frames late: the first 8 rows of columns meet that diagonal
    crossed = identity_matrix(certain, (10, 40), 4).sum(0)
    assert crossed.tolist() == [1.0] * 32 + [0.0] * 8


@torch.inference_mode()
def test_the_affinity_sums_both_matrices_over_the_projected_video() -> None:
    affinity, sound, video = Affinity(8, 4, 4), torch.randn(8, 17), torch.randn(8, 6)
    compared = {name: getattr(affinity, name).weight[..., 0] for name in ("sound", "video")}
    similarity = (compared["video"] @ video).t() @ (compared["sound"] @ sound) / 2  # root of 4
    choices, identity = affinity.weigh(sound, video)
    torch.testing.assert_close(choices, similarity.softmax(0))
    profile = shift_profile(similarity, 4, torch.tensor(10.0))
    torch.testing.assert_close(identity, identity_matrix(profile, (6, 17), 4))
    expected = affinity.output.weight[..., 0] @ video @ (choices + identity)
    torch.testing.assert_close(affinity(sound, video), expected)


@torch.inference_mode()
def test_a_complex_convolution_is_one() -> None:
    convolution = ComplexConvolution(3, 4, 5)
    assert convolution.bias is not None
    convolution.bias.normal_()
    parts = torch.randn(2, 3, 20)
    weight = torch.complex(convolution.real.weight, convolution.imaginary.weight)
    expected = torch.nn.functional.conv1d(
        torch.complex(*parts)[None], weight, torch.complex(*convolution.bias), padding=2
    )
    torch.testing.assert_close(convolution(parts), torch.view_as_real(expected[0]).movedim(-1, 0))


@torch.inference_mode()
def test_a_non_local_block_lets_every_frame_see_all() -> None:
    block = NonLocalBlock(6).eval()
    features = torch.randn(1, 6, 9)
    query, key, value = (part(features)[0] for part in (block.query, block.key, block.value))
    weights = (query.t() @ key / 3**0.5).softmax(1)  # over the keys
    expected = features + block.norm(block.restore((value @ weights.t())[None]))
    torch.testing.assert_close(block(features), expected)


@torch.inference_mode()
def test_a_voice_does_not_depend_on_what_else_is_in_the_call(separator: Separator) -> None:
    heard, seen = mixture("batch", 2, 4000), mouths("batch", 2, 7, speakers=2)
    together = separator(heard, seen)
    embeddings = separator.encode_mouths(seen)
    torch.testing.assert_close(separator(heard, embeddings=embeddings), together, rtol=0, atol=0)
    for item in range(2):
        for speaker in range(2):
            one = slice(item, item + 1), slice(speaker, speaker + 1)
            alone = separator(heard[one[0]], seen[one])
            torch.testing.assert_close(together[one], alone, rtol=0, atol=1e-5)


@torch.inference_mode()
def test_the_video_steers_the_voice(separator: Separator) -> None:
    heard, video = mixture("steer", 1, 4000), torch.randn(1, 2, 512, 7)
    voices = separator(heard, embeddings=video)
    assert (voices[0, 0] - voices[0, 1]).abs().max() > 1e-4
    exchanged = separator(heard, embeddings=video.flip(1))
    torch.testing.assert_close(exchanged.flip(1), voices, rtol=0, atol=1e-6)


@torch.inference_mode()
@pytest.mark.parametrize("system", SYSTEMS)
def test_the_phase_of_the_reference_makes_an_oracle(system: str) -> None:
    own, oracle = (
        bench.load_separator(system, settings=settings) for settings in ({}, {"phase": "oracle"})
    )
    assert not own.uses_references
    assert oracle.uses_references
    assert oracle.identity.settings == {"phase": "oracle"}
    heard, video = mixture("phase", 1, 3200), torch.randn(1, 1, 512, 5)
    with pytest.raises(UsageError, match="an oracle needs references="):
        oracle(heard, embeddings=video)
    told = oracle(heard, embeddings=video, references=-heard[:, None])
    if system == "caffnet":  # it keeps the phase of the mixture, here that of the reference negated
        torch.testing.assert_close(told, -own(heard, embeddings=video), rtol=0, atol=1e-5)
    else:
        kept = bench.load_separator(system, settings={"phase": "mixture"})
        torch.testing.assert_close(told, -kept(heard, embeddings=video), rtol=0, atol=1e-5)
        assert (told + own(heard, embeddings=video)).abs().max() > 1e-3


def test_a_magnitude_mask_predicts_no_phase() -> None:
    with pytest.raises(UsageError, match="unknown phase 'predicted'"):
        bench.load_separator("caffnet", settings={"phase": "predicted"})


@torch.inference_mode()
def test_loads_what_training_saved(separator: Separator, tmp_path: Path) -> None:
    system, lips = separator.card.id, separator.get_submodule("lip_encoder").state_dict()
    torch.save(separator.get_submodule("network").state_dict(), tmp_path / "a.pth")
    published = {**{f"video_model.{n}": t for n, t in lips.items()}, "audio_model.x": torch.ones(1)}
    loaded = bench.load_separator(
        system,
        checkpoint=tmp_path / "a.pth",
        lip_checkpoint=write_packaged(tmp_path / "lips.pth.tar", published, "lips"),
    )
    heard, seen = mixture("files", 1, 2000), mouths("files", 1, 4)
    torch.testing.assert_close(loaded(heard, seen), separator(heard, seen), rtol=0, atol=0)


def test_asks_for_other_hyper_parameters(tmp_path: Path) -> None:
    settings = {"channels": 16, "affinity_channels": 8, "decoder_blocks": 3}
    small = bench.load_separator("caffnet-c", settings=settings)
    files = {"checkpoint": tmp_path / "a.pth", "lip_checkpoint": tmp_path / "lips.pth"}
    torch.save(small.get_submodule("network").state_dict(), files["checkpoint"])
    torch.save(small.get_submodule("lip_encoder").state_dict(), files["lip_checkpoint"])
    with pytest.raises(CheckpointError, match="say --set channels=16"):
        bench.load_separator("caffnet-c", **files)
    loaded = bench.load_separator("caffnet-c", settings=settings, **files)
    assert loaded.identity.settings == settings


@pytest.mark.parametrize("problem", ["1 missing", "1 left over", "1 of another shape"])
def test_refuses_a_file_that_does_not_fill_the_network(problem: str) -> None:
    empty = build_on_meta(find_card("caffnet"))
    state = empty.get_submodule("network").state_dict()
    tensors = damaged(state, "gate.bias")[problem]
    with pytest.raises(CheckpointError, match=rf"{problem}: gate\.bias"):
        load_part(empty, empty.card.files[0], tensors, "a.pth")


def test_tells_both_versions_apart() -> None:
    real, complex_ = (build_on_meta(find_card(system)) for system in SYSTEMS)
    state = complex_.get_submodule("network").state_dict()
    with pytest.raises(CheckpointError, match="looks like the checkpoint of caffnet-c"):
        load_part(real, real.card.files[0], state, "a.pth")


@pytest.mark.parametrize("system", SYSTEMS)
def test_is_marked_as_a_re_implementation_with_choices_of_ours(system: str) -> None:
    card = find_card(system)
    assert card.kind == "re-implementation"
    assert any("our choices" in note for note in card.notes)
    assert any("oracle" in note for note in card.notes)
    assert card.mouth_inputs["default"].convention == "ours"
