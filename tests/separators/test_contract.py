"""What every network promises, whatever its paper: voices apart, items apart, lengths kept.

A system that is added appears here by itself, at its full size; `SMALLER` says which settings make
it quick without changing what is asserted.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from vectors import faces, mixture, mouths

import bench
from bench.errors import UsageError
from bench.separators.base import Separator
from bench.separators.card import Setting

SMALLER: dict[str, dict[str, Setting]] = {
    "av-convtasnet": {"R": 2, "X": 2},
    "av-mossformer2": {"intra_numlayers": 1},
    "av-tfgridnet": {"n_layers": 1},
    "ctcnet": {"an_repeats": 1, "fn_repeats": 1},
    "iianet": {"num_blocks": 1},
    "iianet-fast": {"num_blocks": 1},
    "rtfsnet-4": {"repeats": 1},
    "rtfsnet-6": {"repeats": 1},
    "rtfsnet-12": {"repeats": 1},
    "swift-net": {"repeats": 2},
}
NETWORKS = [name for name in bench.list_separators() if bench.separators.find_card(name).is_network]
# The shortest mixture that a system takes, in samples; one where it is not named.
FEWEST = {
    "av-convtasnet": 40,
    "av-mossformer2": 16,
    "av-tfgridnet": 129,
    "dolphin": 16,
    "rtfsnet-4": 1920,
    "rtfsnet-6": 1920,
    "rtfsnet-12": 1920,
    "swift-net": 129,
}
# With random weights their masks are as good as constant.
BLIND = ("mmmc", "visualvoice")
TOLERANCE = 1e-5
SAMPLES, FRAMES = 2001, 4


@pytest.fixture(scope="module", params=NETWORKS)
def separator(request: pytest.FixtureRequest) -> Separator:
    return bench.load_separator(request.param, settings=SMALLER.get(request.param))


def looks(
    separator: Separator, batch: int, speakers: int, frames: int = FRAMES
) -> dict[str, Tensor]:
    """Mouths, and faces where a system needs them."""
    assert separator.mouth_input is not None
    height, width = separator.mouth_input.shape
    seen = mouths("contract", batch, frames, max(height, width), speakers=speakers)
    found = {"mouths": seen[..., :height, :width]}
    if separator.face_input is not None:
        found["faces"] = faces("contract", batch, speakers=speakers)
    return found


def part(looked: dict[str, Tensor], item: int, speaker: int) -> dict[str, Tensor]:
    return {name: value[item, None, speaker, None] for name, value in looked.items()}


@torch.inference_mode()
def test_items_do_not_see_one_another(separator: Separator) -> None:
    heard, seen = mixture("contract", 2, SAMPLES), looks(separator, 2, 2)
    together = separator(heard, **seen)
    assert together.shape == (2, 2, SAMPLES)
    for item in range(2):
        alone = separator(heard[item, None], **{n: v[item, None] for n, v in seen.items()})
        torch.testing.assert_close(together[item], alone[0], rtol=0, atol=TOLERANCE)


@torch.inference_mode()
def test_a_voice_needs_its_own_mouth_alone_where_a_batch_may_be_halved(
    separator: Separator,
) -> None:
    if not separator.halves_batch:
        pytest.skip(f"{separator.card.id} sees all mouths at once")
    heard, seen = mixture("contract", 1, SAMPLES), looks(separator, 1, 2)
    together = separator(heard, **seen)
    for speaker in range(2):
        alone = separator(heard, **part(seen, 0, speaker))
        torch.testing.assert_close(together[:, speaker, None], alone, rtol=0, atol=TOLERANCE)


@torch.inference_mode()
def test_the_order_of_the_voices_is_that_of_the_mouths(separator: Separator) -> None:
    if not separator.halves_batch:
        pytest.skip(f"{separator.card.id} sees all mouths at once")
    heard, seen = mixture("contract", 1, SAMPLES), looks(separator, 1, 2)
    voices = separator(heard, **seen)
    if separator.card.id not in BLIND:
        assert (voices[0, 0] - voices[0, 1]).abs().max() > 1e-4 * voices.abs().max()
    turned = separator(heard, **{name: value.flip(1) for name, value in seen.items()})
    torch.testing.assert_close(turned.flip(1), voices, rtol=0, atol=TOLERANCE)


@torch.inference_mode()
def test_embeddings_replace_mouths(separator: Separator) -> None:
    heard, seen = mixture("contract", 1, SAMPLES), looks(separator, 1, 2)
    others: dict[str, Any] = {name: value for name, value in seen.items() if name != "mouths"}
    embeddings = separator.encode_mouths(seen["mouths"], samples=SAMPLES)
    again = separator(heard, embeddings=embeddings, **others)
    torch.testing.assert_close(again, separator(heard, **seen), rtol=0, atol=TOLERANCE)


@torch.inference_mode()
def test_silence_gives_finite_voices(separator: Separator) -> None:
    assert separator(torch.zeros(1, SAMPLES), **looks(separator, 1, 2)).isfinite().all()


@torch.inference_mode()
def test_the_shortest_mixture_is_taken_and_a_shorter_one_refused(separator: Separator) -> None:
    fewest = FEWEST.get(separator.card.id, 1)
    seen = looks(separator, 1, 2, frames=max(1, fewest // 640))
    voice = separator(mixture("contract", 1, fewest), **seen)
    assert voice.shape == (1, 2, fewest)
    assert voice.isfinite().all()
    if fewest > 1:
        name = separator.card.name
        with pytest.raises(UsageError, match=f"{name} needs at least {fewest}; pad it with zeros"):
            separator(mixture("contract", 1, fewest - 1), **seen)
