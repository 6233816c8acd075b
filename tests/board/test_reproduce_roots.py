"""Which sets given folders hold, and what names say of a training set."""

from __future__ import annotations

from pathlib import Path

import pytest
import stand_in

from bench.board.reproduce.roots import guess_training_set, open_roots
from bench.datasets.choices import ListChoice, MouthChoice
from bench.errors import DataError, UsageError

UNOFFICIAL = ListChoice(unofficial=True)


@pytest.fixture(scope="module")
def lrs2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stand-in corpus whose list lies where it is looked for."""
    corpus = stand_in.make_lrs2(tmp_path_factory.mktemp("lrs2"))
    corpus.mixture_list.rename(corpus.root / "mixtures.scp")
    return corpus.root


def test_a_folder_is_what_opens(lrs2: Path) -> None:
    roots = open_roots([str(lrs2)], UNOFFICIAL, MouthChoice())
    assert list(roots.datasets) == ["lrs2-2mix"]
    assert roots.problems == ()
    assert len(roots.datasets["lrs2-2mix"]) == 6


def test_a_folder_may_be_named_and_sets_that_ship_need_none(lrs2: Path) -> None:
    given = ["talking-heads-2mix", f"lrs2-2mix={lrs2}"]
    roots = open_roots(given, UNOFFICIAL, MouthChoice())
    assert list(roots.datasets) == ["talking-heads-2mix", "lrs2-2mix"]


def test_a_folder_that_is_nothing_is_a_problem_and_stops_nothing(
    lrs2: Path, tmp_path: Path
) -> None:
    given = [str(tmp_path), f"lrs3-2mix={lrs2}", "talking-heads-2mix"]
    roots = open_roots(given, UNOFFICIAL, MouthChoice())
    assert list(roots.datasets) == ["talking-heads-2mix"]
    first, second = roots.problems
    assert "could not be recognised: not lrs2-2mix, for" in first
    assert "which is no utterance of LRS3" in second


def test_without_its_list_a_folder_says_where_lists_are(lrs2: Path, tmp_path: Path) -> None:
    (tmp_path / "mvlrs_v1").symlink_to(lrs2 / "mvlrs_v1")
    roots = open_roots([str(tmp_path)], ListChoice(), MouthChoice())
    assert not roots.datasets
    assert "--download" in roots.problems[0]


def test_wrong_words_are_refused(lrs2: Path) -> None:
    with pytest.raises(UsageError, match="unknown data set 'lrs4-2mix'"):
        open_roots([f"lrs4-2mix={lrs2}"], UNOFFICIAL, MouthChoice())
    with pytest.raises(DataError, match="neither a folder nor a data set that ships"):
        open_roots(["nowhere"], UNOFFICIAL, MouthChoice())
    with pytest.raises(UsageError, match="two copies of lrs2-2mix"):
        open_roots([str(lrs2), f"lrs2-2mix={lrs2}"], UNOFFICIAL, MouthChoice())


@pytest.mark.parametrize(
    ("path", "set"),
    [
        ("iianet/lrs2/best_model.pth", "lrs2-2mix"),
        ("LRS-3/x.ckpt", "lrs3-2mix"),
        ("vox2.pth", "voxceleb2-2mix"),
        ("VoxCeleb2_CTCNet/best_model.pth", "voxceleb2-2mix"),
        ("lrs2/lrs3/best_model.pth", "lrs3-2mix"),
        ("lrs2_and_lrs3/best_model.pth", None),
        ("best_model.pth", None),
        ("lrw_resnet18.pth", None),
    ],
)
def test_the_nearest_name_is_the_guess(path: str, set: str | None) -> None:
    assert guess_training_set(Path(path)) == set
