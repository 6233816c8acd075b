"""Which sets given folders hold, and what names say of a training set."""

from __future__ import annotations

from pathlib import Path

import pytest
import stand_in

from bench.board.reproduce.roots import Roots, guess_training_set, open_roots
from bench.core.hashing import hash_file
from bench.datasets.choices import MouthChoice
from bench.datasets.registry import load_card
from bench.errors import DataError, UsageError


def _open(*given: str, unofficial: bool = True, lists: tuple[Path, ...] = ()) -> Roots:
    return open_roots(given, MouthChoice(), lists=lists, unofficial=unofficial)


@pytest.fixture(scope="module")
def lrs2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stand-in corpus whose list lies where it is looked for."""
    corpus = stand_in.make_lrs2(tmp_path_factory.mktemp("lrs2"))
    corpus.mixture_list.rename(corpus.root / "mixtures.scp")
    return corpus.root


def test_a_folder_is_what_opens(lrs2: Path) -> None:
    roots = _open(str(lrs2))
    assert list(roots.datasets) == ["lrs2-2mix"]
    assert roots.problems == {}
    assert len(roots.datasets["lrs2-2mix"]) == 6


def test_a_folder_may_be_named_and_sets_that_ship_need_none(lrs2: Path) -> None:
    roots = _open("talking-heads-2mix", f"lrs2-2mix={lrs2}")
    assert list(roots.datasets) == ["talking-heads-2mix", "lrs2-2mix"]


def test_a_folder_that_is_nothing_is_a_problem_and_stops_nothing(
    lrs2: Path, tmp_path: Path
) -> None:
    roots = _open(str(tmp_path), f"lrs3-2mix={lrs2}", "talking-heads-2mix")
    assert list(roots.datasets) == ["talking-heads-2mix"]
    assert list(roots.problems) == [
        *(f"{tmp_path} as {id}" for id in ("lrs2-2mix", "lrs3-2mix", "voxceleb2-2mix")),
        f"{lrs2} as lrs3-2mix",
    ]
    assert "which is no utterance of LRS3" in roots.problems[f"{lrs2} as lrs3-2mix"]


def test_without_its_list_a_folder_says_where_lists_are(lrs2: Path, tmp_path: Path) -> None:
    (tmp_path / "mvlrs_v1").symlink_to(lrs2 / "mvlrs_v1")
    roots = _open(str(tmp_path), unofficial=False)
    assert not roots.datasets
    assert all("--download" in reason for reason in roots.problems.values())


def test_a_given_list_goes_to_the_set_that_pins_it(lrs2: Path, material: Path) -> None:
    pin = load_card("lrs2-2mix").mixture_list.sha256
    found = sorted((material / "datasets").rglob("*tt*.scp"))
    official = next(path for path in found if hash_file(path) == pin)
    roots = _open(f"lrs2-2mix={lrs2}", unofficial=False, lists=(official,))
    assert "no utterance of the list was found" in roots.problems[f"{lrs2} as lrs2-2mix"]
    with pytest.raises(DataError, match="which no data set pins"):
        _open(f"lrs2-2mix={lrs2}", lists=(lrs2 / "mixtures.scp",))


def test_wrong_words_are_refused(lrs2: Path) -> None:
    with pytest.raises(UsageError, match="unknown data set 'lrs4-2mix'"):
        _open(f"lrs4-2mix={lrs2}")
    with pytest.raises(DataError, match="neither a folder nor a data set that ships"):
        _open("nowhere")
    with pytest.raises(UsageError, match="two copies of lrs2-2mix"):
        _open(str(lrs2), f"lrs2-2mix={lrs2}")


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
