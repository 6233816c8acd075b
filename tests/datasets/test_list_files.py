"""Where a list comes from: given, beside the card, in the copy, fetched before, fetched now."""

from __future__ import annotations

import shutil
from pathlib import Path

import pooch
import pytest
from requests import ConnectionError as NoConnection

from bench.core.cache import cache_folder
from bench.core.hashing import hash_file
from bench.core.resources import shipped
from bench.datasets import load_card
from bench.datasets.choices import ListChoice
from bench.datasets.list_files import find_list, kept_list, open_list
from bench.errors import DataError, UsageError

ID = "voxceleb2-2mix"
FOLDER = shipped("datasets") / ID
CARD = load_card(ID)


@pytest.fixture
def official(material: Path) -> Path:
    return material / "datasets" / "vox2" / "mix_2_spk_tt.scp"


@pytest.fixture(autouse=True)
def _empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVSS_BENCH_CACHE", str(tmp_path / "cache"))


def test_the_given_file_comes_first(official: Path) -> None:
    mixtures, marks = open_list(CARD, FOLDER, None, ListChoice(official))
    assert len(mixtures.lines) == 2965
    assert marks == ()


def test_a_list_in_the_copy_is_found(official: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    root.mkdir()
    shutil.copy(official, root)
    assert find_list(CARD, FOLDER, root, ListChoice()) == root / official.name
    (root / official.name).write_text("something else of that name\n")
    with pytest.raises(UsageError, match="does not ship"):
        find_list(CARD, FOLDER, root, ListChoice())


def test_it_is_fetched_only_when_asked(official: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    def retrieve(url: str, known_hash: str, fname: str, path: Path) -> str:
        asked.append((url, known_hash))
        path.mkdir(parents=True)
        return str(shutil.copy(official, path / fname))

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    with pytest.raises(UsageError, match="or fetch it with --download"):
        find_list(CARD, FOLDER, None, ListChoice())
    path = find_list(CARD, FOLDER, None, ListChoice(download=True))
    assert asked == [(CARD.mixture_list.url, f"sha256:{CARD.mixture_list.sha256}")]
    assert hash_file(path) == CARD.mixture_list.sha256
    assert kept_list(CARD) == find_list(CARD, FOLDER, None, ListChoice()) == path
    assert path.is_relative_to(cache_folder())


@pytest.mark.parametrize("error", [NoConnection("no route"), ValueError("hash differs")])
def test_a_failed_fetch_says_what_to_do(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def retrieve(*arguments: object, **options: object) -> str:
        raise error

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    with pytest.raises(
        DataError, match=r"could not be fetched from https://.* give it with --list"
    ):
        find_list(CARD, FOLDER, None, ListChoice(download=True))


def test_a_shortened_list_is_another_list(official: Path, tmp_path: Path) -> None:
    short = tmp_path / "short.scp"
    short.write_bytes(b"".join(official.read_bytes().splitlines(keepends=True)[:100]))
    with pytest.raises(
        DataError, match=r"and 100 mixtures, but its card pins e1cbebd070c4… and 2965"
    ):
        open_list(CARD, FOLDER, None, ListChoice(short))
    mixtures, marks = open_list(CARD, FOLDER, None, ListChoice(short, unofficial=True))
    assert len(mixtures.lines) == 100
    assert marks == (f"unofficial mixture list {mixtures.sha256[:12]}… (100 mixtures)",)
