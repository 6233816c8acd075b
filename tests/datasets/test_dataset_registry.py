"""Finding data sets by name, and adding one without touching anything else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bench.core.resources import shipped
from bench.datasets import list_datasets, load_card, load_dataset
from bench.datasets.registry import open_folder
from bench.errors import DataError, UsageError


def test_shipped_sets() -> None:
    assert list_datasets() == sorted(list_datasets())
    assert {"talking-heads-2mix", "talking-heads-2mix-full"} <= set(list_datasets())


@pytest.mark.parametrize("id", list_datasets())
def test_cards_of_shipped_sets(id: str) -> None:
    card = load_card(id)
    assert card.id == id
    assert card.purpose == "test"
    assert card.caution
    pinned = card.mixture_list
    if pinned.file is None:
        assert card.material is None
        assert pinned.url is not None
        assert card.facts
    else:
        assert (shipped("datasets") / id / pinned.file).is_file()


def test_an_unknown_id_suggests_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"data set 'talking-head-2mix'.*'talking-heads-2mix'\?"):
        load_dataset("talking-head-2mix")


def test_a_changed_list_is_refused(tmp_path: Path, corpus_folder: Path) -> None:
    copy = Path(shutil.copytree(corpus_folder, tmp_path / "copy"))
    with (copy / "mixtures.scp").open("a") as stream:
        stream.write("audio/f01_00001.flac 1 audio/m01_00001.flac -1\n")
    with pytest.raises(DataError, match="but its card pins"):
        open_folder(copy)


class TestOwnCard:
    """A folder with a card of its own is a data set."""

    @pytest.fixture
    def folder(self, tmp_path: Path, corpus_folder: Path) -> Path:
        copy = Path(shutil.copytree(corpus_folder, tmp_path / "mine"))
        card = (copy / "card.toml").read_text()
        (copy / "card.toml").write_text(card.replace('"talking-heads-2mix"', '"my-heads"'))
        return copy

    def test_it_opens_by_its_own_id(self, folder: Path) -> None:
        mine = load_dataset("my-heads", root=folder)
        assert mine.id == "my-heads"
        assert len(mine) == 100

    def test_it_is_named_among_the_known(self, folder: Path) -> None:
        with pytest.raises(UsageError, match="did you mean 'my-heads'"):
            load_dataset("my-head", root=folder)

    def test_it_needs_its_root(self) -> None:
        with pytest.raises(UsageError, match="unknown data set 'my-heads'"):
            load_dataset("my-heads")

    def test_it_cannot_pass_for_a_shipped_set(self, tmp_path: Path, corpus_folder: Path) -> None:
        copy = Path(shutil.copytree(corpus_folder, tmp_path / "false"))
        (copy / "mixtures.scp").write_text("audio/f01_00001.flac 1 audio/m01_00001.flac -1\n")
        assert len(load_dataset("talking-heads-2mix", root=copy)) == 100

    def test_material_that_never_ships(self, folder: Path) -> None:
        card = (folder / "card.toml").read_text()
        (folder / "card.toml").write_text(card.replace('material = "."\n', ""))
        with pytest.raises(UsageError, match="does not ship its material"):
            open_folder(folder)
        assert len(load_dataset("my-heads", root=folder)) == 100
