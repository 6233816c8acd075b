"""Facts about lists: counted where the list is at hand, as cards and protocol state them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.core.cache import cache_folder
from bench.datasets import load_card
from bench.datasets.facts import count_list, counted_facts
from bench.datasets.lists import parse_list, read_list
from bench.datasets.lrs2 import LAYOUT as LRS2
from bench.datasets.lrs3 import LAYOUT as LRS3
from bench.datasets.voxceleb2 import LAYOUT as VOXCELEB2

OFFICIAL = [
    ("lrs2-2mix", "lrs2/mix_2_spk_tt.scp", LRS2, (267, 144, 2381), (14, 14, 57), 2.487),
    ("lrs3-2mix", "lrs3/mix_2_spk_tt.scp", LRS3, (298, 118, 2000), (8, 21, 33), 2.513),
    ("voxceleb2-2mix", "vox2/mix_2_spk_tt.scp", VOXCELEB2, (5451, 118, 2173), (1, 1, 4), 2.493),
]


@pytest.mark.parametrize(("id", "file", "layout", "counts", "uses", "mean_gain"), OFFICIAL)
def test_official_lists(material, id, file, layout, counts, uses, mean_gain) -> None:  # type: ignore[no-untyped-def]
    mixtures = read_list(material / "datasets" / file)
    found = count_list(mixtures, lambda name: layout.parts(name)[layout.cluster])
    card = load_card(id)
    assert found["mixtures"] == card.mixture_list.mixtures == card.counts["mixtures"]
    names = ("distinct utterances", "clusters", "distinct pairs of clusters")
    assert tuple(found[name] for name in names) == counts
    assert found["distinct utterances"] == card.counts["utterances"]
    assert (
        tuple(found[f"{which} uses of an utterance"] for which in ("least", "median", "most"))
        == uses
    )
    assert found["mean gain 1"] == pytest.approx(mean_gain, abs=5e-4)
    assert found["share of mixtures with speaker 1 louder"] == 1.0
    assert found["pairs inside one cluster"] == found["repeated pairs of utterances"] == 0


@pytest.mark.parametrize(
    ("id", "file", "layout"),
    [
        ("lrs2-caffnet", "LRS2_test_id.text", LRS2),
        ("lrs3-caffnet", "LRS3_test_id.text", LRS3),
    ],
)
def test_caffnet_lists(material: Path, id: str, file: str, layout) -> None:  # type: ignore[no-untyped-def]
    mixtures = read_list(material / "datasets" / "caffnet" / file, "pairs")
    found = count_list(mixtures, lambda name: layout.parts(name)[layout.cluster])
    card = load_card(id)
    assert len(mixtures.left_out) == 1
    assert found["mixtures"] == card.mixture_list.mixtures
    assert found["distinct utterances"] == card.counts["utterances"]
    assert found["clusters"] == card.counts["videos" if "videos" in card.counts else "talks"]
    assert found["least uses of an utterance"] == found["most uses of an utterance"] == 2


def test_embedded_lists_are_always_at_hand() -> None:
    found = counted_facts(load_card("talking-heads-2mix"))
    assert found is not None
    assert found["distinct utterances"] == 64
    assert found["clusters"] == 32


def test_licensed_lists_are_counted_once_they_were_fetched(material: Path) -> None:
    card = load_card("lrs3-2mix")
    assert counted_facts(card) is None
    kept = cache_folder() / "lists" / f"{card.mixture_list.sha256}.scp"
    kept.parent.mkdir(parents=True)
    kept.write_bytes((material / "datasets" / "lrs3" / "mix_2_spk_tt.scp").read_bytes())
    found = counted_facts(card)
    assert found is not None
    assert found["distinct utterances"] == 298
    kept.write_bytes(b"a.wav 1 b.wav -1\n")
    assert counted_facts(card) is None


def test_pairs_inside_a_cluster_and_repeats_are_counted() -> None:
    rows = b"a_1.wav 1 a_2.wav -1\na_2.wav 2 a_1.wav -2\na_1.wav -3 b_1.wav 3\n"
    found = count_list(parse_list(rows, "list"), lambda name: name[0])
    assert found["pairs inside one cluster"] == 2
    assert found["repeated pairs of utterances"] == 1
    assert found["share of mixtures with speaker 1 louder"] == pytest.approx(2 / 3, abs=1e-5)


@pytest.mark.parametrize("id", ["lrs2-2mix", "lrs3-2mix", "voxceleb2-2mix"])
def test_cards_say_what_every_reader_must_know(id: str) -> None:
    facts = " ".join(entry.fact for entry in load_card(id).facts)
    assert "speaker 1 is always the louder one" in facts
    if id == "voxceleb2-2mix":
        assert "99 pairs of one speaker with itself" in facts
        assert "All 5308 utterances and all 118 speakers" in facts
    assert all(entry.source for entry in load_card(id).facts)
